import { once, type Core, type Engine, type Host, type LoadEngine } from './core.js'
import { CLOSED_TEXT, EverwireError, describe, type ProblemCode } from './error.js'
import {
  ProblemEvent,
  StateChangeEvent,
  WSEvent,
  type WEBSOCKET_EVENT,
  type WSClientEventMap,
  type WSEventHandler,
} from './events.js'
import { check, type CheckedOptions, type ClientOptions } from './options.js'
import { deferred, quiet, unlessAborted, type Deferred } from './promises.js'
import { NEVER_OPENED, type ConnectionState } from './state.js'

const loadInline = once(async () => (await import('./core-wasm.js')).load())

/** TypeScript's types leave out that it gives nothing for `undefined` and for functions. */
const toJson: (value: unknown) => string | undefined = JSON.stringify

/** TypeScript's types leave out that Node before 22 has none. */
const globals: { readonly WebSocket?: typeof WebSocket } = globalThis

/** Clients that are not closed: held strongly, as a browser holds an open WebSocket. */
const live = new Set<WSClient>()

/** What a client knows while its core is being loaded. */
interface Loading {
  /** Asked for at the same time, so that neither waits for the other. */
  readonly token: Promise<string | undefined>
  readonly messages: [id: number, text: string][]
}

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
 * ({@link ProblemEvent}). A listener may call any method.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export class WSClient extends EventTarget {
  readonly #options: CheckedOptions
  readonly #loadEngine: LoadEngine
  #state = NEVER_OPENED
  #reconnectMs: number
  #core: Core | undefined
  #engine: Engine['kind'] | undefined
  /** Set from `open()` until the core is there, or until `close()`. */
  #loading: Loading | undefined
  #opening: Deferred | undefined
  #tokenAbort: AbortController | undefined
  #tokenFailure = ''
  #lastMessage = 0
  readonly #sends = new Map<number, Deferred>()
  #trappedSinceOpen = false

  /** @throws EverwireError with the code `invalid-option` */
  constructor(options: ClientOptions, loadEngine: LoadEngine = loadInline) {
    super()
    this.#options = check(options)
    this.#loadEngine = loadEngine
    this.#reconnectMs = this.#options.firstRetryMs
  }

  /**
   * Connects, and stays connected until `close()`. Does nothing if it is connected or being connected.
   *
   * @param options.signal ends this wait only; the client goes on connecting
   * @returns settles when the connection is open; rejects with an {@link EverwireError} if it is given up
   *   before (`closed`, `socket-refused`, `server-refused`, `load-failed`). While the server is down it
   *   goes on trying, so give a signal where you cannot wait. Nobody need handle the rejection.
   */
  readonly open = ({ signal }: { signal?: AbortSignal } = {}): Promise<void> => {
    const { promise } = (this.#opening ??= deferred())
    if (this.#core) this.#core.open()
    else if (!this.#loading) this.#load()
    return signal ? quiet(unlessAborted(promise, signal)) : promise
  }

  /** Disconnects, and stays disconnected until `open()`. Messages that wait are refused. */
  readonly close = (): void => {
    this.#abortToken()
    if (this.#core) {
      this.#core.close()
    } else if (this.#loading) {
      const { messages } = this.#loading
      this.#loading = undefined
      this.#gaveUp('closed', CLOSED_TEXT)
      for (const [message] of messages) this.#refused(message, 'closed', CLOSED_TEXT)
    }
  }

  /** Gets a new socket with a fresh token, now: also while waiting for a retry, or when closed. */
  readonly reconnect = (): void => {
    if (this.#core) this.#core.reconnect()
    else void this.open()
  }

  /**
   * Sends a message as JSON. While there is no socket it waits, in order, for the next one.
   *
   * @returns settles when the message was handed to an open socket, which does not say that the server
   *   has it; rejects with an {@link EverwireError} if it will not be sent (`closed`, `outbox-full`,
   *   `not-serializable`). Nobody need handle the rejection.
   */
  readonly send = (message: unknown): Promise<void> => {
    let text: string | undefined
    try {
      text = toJson(message)
    } catch (error) {
      return refusal(new EverwireError('not-serializable', `the message is not JSON: ${describe(error)}`))
    }
    if (text === undefined) {
      return refusal(new EverwireError('not-serializable', `a message cannot be ${typeof message}`))
    }
    if (!this.#core && !this.#loading) return refusal(new EverwireError('closed', CLOSED_TEXT))

    const id = ++this.#lastMessage
    const sent = deferred()
    this.#sends.set(id, sent)
    if (this.#core) this.#core.send(id, text)
    else this.#loading?.messages.push([id, text])
    return sent.promise
  };

  /** Closes the client and frees its memory in WebAssembly now. It can be opened again. */
  [Symbol.dispose](): void {
    this.close()
    const core = this.#core
    this.#core = undefined
    // Not at once: this may be a listener, called by the core itself.
    if (core)
      queueMicrotask(() => {
        core.free()
      })
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
    const loading: Loading = { token: quiet(this.#fetchToken()), messages: [] }
    this.#loading = loading
    this.#loadEngine().then(
      (engine) => {
        if (this.#loading === loading) this.#boot(engine)
      },
      (error: unknown) => {
        if (this.#loading === loading) this.#failToLoad(`the core could not be loaded: ${describe(error)}`)
      },
    )
  }

  #failToLoad(text: string): void {
    const messages = this.#loading?.messages ?? []
    this.#loading = undefined
    this.dispatchEvent(new ProblemEvent(new EverwireError('load-failed', text)))
    this.#gaveUp('load-failed', text)
    for (const [message] of messages) this.#refused(message, 'load-failed', text)
  }

  #boot(engine: Engine): void {
    const Constructor = this.#options.WebSocket ?? globals.WebSocket
    if (!Constructor) {
      this.#failToLoad('there is no WebSocket here; pass one as the option WebSocket')
      return
    }
    // Weakly, so that a client which is closed and forgotten can be collected, and its core with it.
    const self = new WeakRef(this)
    const core = engine.boot(WSClient.#hostOf(self), { ...this.#options, WebSocket: Constructor }, () => {
      // Later, when whatever was calling the core has returned.
      queueMicrotask(() => {
        const client = self.deref()
        if (client) client.#replaceCore(core, engine)
      })
    })
    this.#core = core
    this.#engine = engine.kind
    core.open()
    const messages = this.#loading?.messages ?? []
    this.#loading = undefined
    for (const [message, text] of messages) core.send(message, text)
  }

  /** The core has trapped, which is a bug in it: tell, then go on with a new one, but not for ever. */
  #replaceCore(core: Core, engine: Engine): void {
    if (this.#core !== core) return
    this.#core = undefined
    const text = 'the core failed; this is a bug in everwire, please report it'
    const wanted = this.#state.status !== 'closed'
    this.#announce({ ...NEVER_OPENED, cause: 'core-trapped', why: text })
    this.dispatchEvent(new ProblemEvent(new EverwireError('core-trapped', text)))
    for (const message of [...this.#sends.keys()]) this.#refused(message, 'core-trapped', text)
    if (wanted && !this.#trappedSinceOpen) {
      this.#trappedSinceOpen = true
      this.#boot(engine)
    } else {
      this.#gaveUp('core-trapped', text)
    }
  }

  // What the core calls -------------------------------------------------------------------------------

  static #hostOf(self: WeakRef<WSClient>): Host {
    const client = (then: (client: WSClient) => void): void => {
      const held = self.deref()
      if (held) then(held)
    }
    return {
      requestToken: (generation) => {
        client((it) => {
          it.#requestToken(generation)
        })
      },
      message: (message) => self.deref()?.dispatchEvent(new WSEvent(message)),
      announce: (status, attempt, retryInMs, ceilingMs, cause, why, closeCode) => {
        const retryAt = Number.isNaN(retryInMs) ? undefined : Date.now() + retryInMs
        client((it) => {
          it.#announce({ status, attempt, retryAt, cause, why, closeCode: closeCode || undefined }, ceilingMs)
        })
      },
      report: (code, text, _generation, data) => {
        client((it) => {
          it.#report(code, text, data)
        })
      },
      opened: () => {
        client((it) => {
          it.#opened()
        })
      },
      gaveUp: (code, text) => {
        client((it) => {
          it.#gaveUp(code, text)
        })
      },
      transmitted: (message) => {
        client((it) => {
          it.#transmitted(message)
        })
      },
      refused: (message, code, text) => {
        client((it) => {
          it.#refused(message, code, text)
        })
      },
    }
  }

  #requestToken(generation: number): void {
    const core = this.#core
    // The first token was asked for while the core was being loaded.
    const token = this.#loading?.token ?? this.#fetchToken()
    token.then(
      (token) => core?.tokenReady(generation, token),
      (error: unknown) => {
        this.#tokenFailure = describe(error)
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
      if (typeof token !== 'string') throw new TypeError(`it gave ${typeof token}, not a string`)
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
    const previous = this.#state
    this.#state = Object.freeze(state)
    this.#reconnectMs = reconnectMs
    if (state.status !== 'fetching-token') this.#abortToken()
    if (state.status === 'open') this.#trappedSinceOpen = false
    if (state.status === 'closed') live.delete(this)
    else live.add(this)
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
