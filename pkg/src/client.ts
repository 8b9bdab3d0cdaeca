/// <reference lib="esnext.disposable" preserve="true" />
import { once, type Core, type Engine, type Host, type LoadEngine } from './core.js'
import {
  CLOSED_TEXT,
  CLOSE_CALLED_TEXT,
  EverwireError,
  OPEN_CALLED_TEXT,
  nameOf,
  textOf,
  type ProblemCode,
} from './error.js'
import {
  ProblemEvent,
  StateChangeEvent,
  WSEvent,
  type WEBSOCKET_EVENT,
  type WSClientEventMap,
  type WSEventHandler,
} from './events.js'
import { check, type CheckedOptions, type ClientOptions, type WebSocketConstructor } from './options.js'
import { deferred, quiet, unlessAborted, type Deferred } from './promises.js'
import { NEVER_OPENED, type Cause, type ConnectionState } from './state.js'

const loadInline = once(async () => (await import('./core-wasm.js')).load())

/** TypeScript's types leave out that it gives nothing for `undefined` and for functions. */
const toJson: (value: unknown) => string | undefined = JSON.stringify

/** TypeScript's types leave out that Node before 22 has none. */
const globals: { readonly WebSocket?: WebSocketConstructor } = globalThis

/** `Symbol.dispose`, or a stand-in where there is none, since the class must not get a method named undefined. */
const DISPOSE: typeof Symbol.dispose =
  (Symbol as Partial<SymbolConstructor>).dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose)

/** Clients that are not closed: held strongly, as a browser holds an open WebSocket. */
const live = new Set<WSClient>()

// The events' types, in the place where TypeScript looks for them.
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export interface WSClient {
  addEventListener<T = unknown>(
    type: typeof WEBSOCKET_EVENT,
    listener: WSEventHandler<T>,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener<K extends keyof WSClientEventMap>(
    type: K,
    listener: (event: WSClientEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void
  removeEventListener<T = unknown>(
    type: typeof WEBSOCKET_EVENT,
    listener: WSEventHandler<T>,
    options?: boolean | EventListenerOptions,
  ): void
  removeEventListener<K extends keyof WSClientEventMap>(
    type: K,
    listener: (event: WSClientEventMap[K]) => void,
    options?: boolean | EventListenerOptions,
  ): void
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void
}

/**
 * Keeps an app connected to a serverless WebSocket API.
 *
 * Making one does nothing but check the options; it is safe on a server. `open()` loads the core (Rust,
 * compiled to WebAssembly) the first time, and every decision about connecting is made there.
 *
 * Events: `onwebsocketmessage` ({@link WSEvent}), `statechange` ({@link StateChangeEvent}) and `error`
 * ({@link ProblemEvent}). A listener may call any method; what it calls takes effect when the listeners of
 * the same event have run.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export class WSClient extends EventTarget {
  readonly #options: CheckedOptions
  readonly #loadEngine: LoadEngine
  #state = NEVER_OPENED
  #reconnectMs: number
  #engine: Engine['kind'] | undefined
  #core: Core | undefined
  /** Whether the app wants to be connected: what matters while there is no core to know it. */
  #wanted = false
  /** The token that was asked for when the core began to be loaded; set until the core is there. */
  #loading: { token: Promise<string | undefined> } | undefined
  /** The same token afterwards, until the core asks for it. */
  #firstToken: Promise<string | undefined> | undefined
  /** Messages sent while the core was being loaded, until it has them. */
  #early: [message: number, text: string][] = []
  #opening: Deferred | undefined
  readonly #sends = new Map<number, Deferred>()
  #lastMessage = 0
  #tokenAbort: AbortController | undefined
  #tokenFailure = ''
  #trappedSinceStable = false

  /** @throws EverwireError with the code `invalid-option` */
  constructor(options: ClientOptions)
  /** @internal For entries that load the core in another way, so not in the published types. */
  // eslint-disable-next-line @typescript-eslint/unified-signatures
  constructor(options: ClientOptions, loadEngine: LoadEngine)
  constructor(options: ClientOptions, loadEngine: LoadEngine = loadInline) {
    super()
    this.#options = check(options)
    this.#loadEngine = loadEngine
    this.#reconnectMs = this.#options.firstRetryMs
  }

  /**
   * Connects, and stays connected until `close()`. Does nothing if it is connected or being connected; while
   * it waits for a retry it goes on waiting (`reconnect()` does not).
   *
   * @param options.signal ends this wait only; the client goes on connecting
   * @returns settles when the connection is open; rejects with an {@link EverwireError} if it is given up
   *   before (`closed`, `socket-refused`, `server-refused`, `load-failed`, `core-trapped`). While the server
   *   is down it goes on trying, so give a signal where you cannot wait. Nobody need handle the rejection.
   */
  readonly open = ({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> => {
    this.#wanted = true
    const { promise } = (this.#opening ??= deferred())
    if (this.#core) this.#core.open()
    else if (!this.#loading) this.#load()
    return signal ? quiet(unlessAborted(promise, signal)) : promise
  }

  /** Disconnects, and stays disconnected until `open()`. Messages that wait are refused. */
  readonly close = (): void => {
    this.#wanted = false
    this.#abortToken()
    if (this.#core) this.#core.close()
    else if (this.#loading) this.#endLoading('close-called', CLOSE_CALLED_TEXT, 'closed', CLOSED_TEXT)
  }

  /** Gets a new socket with a fresh token, now: also while waiting for a retry, or when closed. */
  readonly reconnect = (): void => {
    this.#wanted = true
    if (this.#core) this.#core.reconnect()
    else void this.open()
  }

  /**
   * Sends a message as JSON. While there is no socket it waits, in order, for the next one.
   *
   * @returns settles when the message was handed to an open socket, which does not say that the server
   *   has it; rejects with an {@link EverwireError} if it will not be sent (`closed`, `outbox-full`,
   *   `not-serializable`, `core-trapped`). Nobody need handle the rejection.
   */
  readonly send = (message: unknown): Promise<void> => {
    let text: string | undefined
    try {
      text = toJson(message)
    } catch (error) {
      return refusal(new EverwireError('not-serializable', `the message is not JSON: ${textOf(error)}`))
    }
    if (text === undefined) {
      return refusal(new EverwireError('not-serializable', `a message cannot be ${typeof message}`))
    }
    if (!this.#core && !this.#loading) return refusal(new EverwireError('closed', CLOSED_TEXT))

    const id = ++this.#lastMessage
    const sent = deferred()
    this.#sends.set(id, sent)
    this.#early.push([id, text])
    this.#handOver()
    return sent.promise
  }

  /** Closes the client and frees its memory in WebAssembly; also by `using`. It can be opened again. */
  readonly dispose = (): void => {
    this.close()
    const core = this.#core
    // Later: this may be a listener, called by the core itself.
    queueMicrotask(() => {
      if (!core || core !== this.#core || this.#wanted) return
      this.#core = undefined
      core.free()
    })
  };

  /** The same as `dispose()`. */
  [DISPOSE](): void {
    this.dispose()
  }

  /** Whether a socket is open. */
  get isConnected(): boolean {
    return this.#state.status === 'open'
  }

  /**
   * Seconds until a retry at the longest, before jitter: of the present wait, or of the next one if there
   * is none. 1 at first, doubled after each failure up to `maxRetryMs`, 1 again once a connection has
   * been stable.
   */
  get reconnectTime(): number {
    return this.#reconnectMs / 1000
  }

  /** Where the connection stands; a new object after each `statechange`. */
  get state(): ConnectionState {
    return this.#state
  }

  /** How the core runs, once it is loaded: as WebAssembly, or as JavaScript where that is forbidden. */
  get engine(): 'wasm' | 'js' | undefined {
    return this.#engine
  }

  // Loading the core ----------------------------------------------------------------------------------

  #load(): void {
    const loading = { token: Promise.resolve<string | undefined>(undefined) }
    this.#loading = loading
    this.#announce({ ...NEVER_OPENED, status: 'fetching-token', cause: 'open-called', why: OPEN_CALLED_TEXT })
    // Each of these may have called close().
    if (this.#loading === loading) loading.token = quiet(this.#fetchToken())
    if (this.#loading !== loading) return
    this.#loadEngine().then(
      (engine) => {
        if (this.#loading === loading) this.#boot(engine)
      },
      (error: unknown) => {
        if (this.#loading === loading) this.#failToLoad(`the core could not be loaded: ${textOf(error)}`)
      },
    )
  }

  #boot(engine: Engine): void {
    const Constructor = this.#options.WebSocket ?? globals.WebSocket
    if (!Constructor) {
      this.#failToLoad('there is no WebSocket here; pass one as the option WebSocket')
      return
    }
    // Weakly, so that a client which is closed and forgotten can be collected, and its core with it.
    const self = new WeakRef(this)
    let core: Core
    try {
      core = engine.boot(WSClient.#hostOf(self), { ...this.#options, WebSocket: Constructor }, (error) => {
        // Later, when whatever was calling the core has returned.
        queueMicrotask(() => {
          const client = self.deref()
          if (client) client.#replaceCore(core, engine, error)
        })
      })
    } catch (error) {
      this.#failToLoad(`the core could not be started: ${textOf(error)}`)
      return
    }
    this.#core = core
    this.#engine = engine.kind
    this.#firstToken = this.#loading?.token
    this.#loading = undefined
    core.open()
  }

  #failToLoad(text: string): void {
    this.#wanted = false
    this.#abortToken()
    this.#endLoading('load-failed', text, 'load-failed', text)
    this.dispatchEvent(new ProblemEvent(new EverwireError('load-failed', text)))
  }

  /** Closed, without ever having had a core: everything that was promised meanwhile is settled. */
  #endLoading(cause: Cause, why: string, code: ProblemCode, text: string): void {
    this.#loading = undefined
    this.#early = []
    this.#gaveUp(code, text)
    for (const message of [...this.#sends.keys()]) this.#refused(message, code, text)
    this.#announce({ ...NEVER_OPENED, cause, why })
  }

  /** Gives the core the messages that came before it was there, before it gets any other. */
  #handOver(): void {
    const core = this.#core
    if (!core) return
    for (const [message, text] of this.#early.splice(0)) core.send(message, text)
  }

  /** The core has trapped, which is a bug in it: tell, then go on with a new one, but not for ever. */
  #replaceCore(core: Core, engine: Engine, error: unknown): void {
    if (this.#core !== core) return
    this.#core = undefined
    const text = `the core failed (${nameOf(error)}); this is a bug in everwire, please report it`
    for (const message of [...this.#sends.keys()]) this.#refused(message, 'core-trapped', text)
    if (this.#state.status !== 'closed') {
      this.#announce({ ...NEVER_OPENED, cause: 'core-trapped', why: text })
    }
    this.dispatchEvent(new ProblemEvent(new EverwireError('core-trapped', text)))
    // A listener may have begun anew, or the app may have closed the client meanwhile.
    if (this.#hasCoreOrWillHave()) return
    if (this.#wanted && !this.#trappedSinceStable) {
      this.#trappedSinceStable = true
      this.#boot(engine)
    } else if (this.#wanted) {
      this.#wanted = false
      this.#gaveUp('core-trapped', text)
    } else {
      this.#gaveUp('closed', CLOSED_TEXT)
    }
  }

  #hasCoreOrWillHave(): boolean {
    return this.#core !== undefined || this.#loading !== undefined
  }

  // What the core calls -------------------------------------------------------------------------------

  static #hostOf(self: WeakRef<WSClient>): Host {
    const client = (then: (client: WSClient) => void): void => {
      const held = self.deref()
      if (held) then(held)
    }
    return {
      requestToken: (generation) => client((it) => it.#requestToken(generation)),
      message: (message) => self.deref()?.dispatchEvent(new WSEvent(message)),
      announce: (status, attempt, retryInMs, ceilingMs, cause, why, closeCode) => {
        const retryAt = Number.isNaN(retryInMs) ? undefined : Date.now() + retryInMs
        const state = { status, attempt, retryAt, cause, why, closeCode: closeCode || undefined }
        client((it) => it.#announce(state, ceilingMs))
      },
      report: (code, text, data) => client((it) => it.#report(code, text, data)),
      opened: () => client((it) => it.#opened()),
      gaveUp: (code, text) => client((it) => it.#gaveUp(code, text)),
      transmitted: (message) => client((it) => it.#transmitted(message)),
      refused: (message, code, text) => client((it) => it.#refused(message, code, text)),
    }
  }

  #requestToken(generation: number): void {
    const core = this.#core
    const token = this.#firstToken ?? this.#fetchToken()
    this.#firstToken = undefined
    token.then(
      (token) => core?.tokenReady(generation, token),
      (error: unknown) => {
        // Its name and no more: what an app's function says of a failure may hold the token itself.
        this.#tokenFailure = error instanceof NoToken ? error.message : nameOf(error)
        core?.tokenFailed(generation)
      },
    )
  }

  async #fetchToken(): Promise<string | undefined> {
    this.#abortToken()
    const abort = (this.#tokenAbort = new AbortController())
    try {
      const token: unknown = await this.#options.token?.({ signal: abort.signal })
      if (token === undefined || token === null || token === '') return undefined
      if (typeof token !== 'string') throw new NoToken(`it gave ${typeof token}, not a string`)
      return token
    } finally {
      if (this.#tokenAbort === abort) this.#tokenAbort = undefined
    }
  }

  #abortToken(): void {
    this.#tokenAbort?.abort()
    this.#tokenAbort = undefined
  }

  #announce(state: ConnectionState, reconnectMs = this.#options.firstRetryMs): void {
    this.#handOver()
    const previous = this.#state
    // What was announced when the core began to be loaded is not announced again by the core.
    if (state.cause === 'open-called' && previous.cause === 'open-called') return
    this.#state = Object.freeze(state)
    this.#reconnectMs = reconnectMs
    if (state.status === 'closed') live.delete(this)
    else live.add(this)
    if (state.status !== 'fetching-token') this.#abortToken()
    if (state.cause === 'stable') this.#trappedSinceStable = false
    if (state.cause === 'socket-refused' || state.cause === 'server-refused') this.#wanted = false
    this.dispatchEvent(new StateChangeEvent(state, previous))
  }

  #report(code: ProblemCode, text: string, data: unknown): void {
    const detail = code === 'token-failed' ? ` (${this.#tokenFailure})` : ''
    this.dispatchEvent(new ProblemEvent(new EverwireError(code, text + detail), data))
  }

  #opened(): void {
    this.#opening?.resolve()
    this.#opening = undefined
  }

  #gaveUp(code: ProblemCode, text: string): void {
    this.#opening?.reject(new EverwireError(code, text))
    this.#opening = undefined
  }

  #transmitted(message: number): void {
    this.#sends.get(message)?.resolve()
    this.#sends.delete(message)
  }

  #refused(message: number, code: ProblemCode, text: string): void {
    this.#sends.get(message)?.reject(new EverwireError(code, text))
    this.#sends.delete(message)
  }
}

function refusal(error: EverwireError): Promise<never> {
  return quiet(Promise.reject(error))
}

/** A token function gave something that is no token. The text is ours, so it may be shown. */
class NoToken extends Error {}
