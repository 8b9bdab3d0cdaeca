/// <reference lib="esnext.disposable" preserve="true" />
import {
  chunk,
  once,
  type Core,
  type Engine,
  type Host,
  type LoadEngine,
  type Outgoing,
  type TokenFetch,
} from './core.js'
import { delivery, type Delivery, type Sent } from './delivery.js'
import { EarlyMessages } from './early.js'
import { DISPOSE } from './dispose.js'
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
  GapEvent,
  InvalidEvent,
  OutgoingEvent,
  ProblemEvent,
  StateChangeEvent,
  WEBSOCKET_EVENT,
  WSEvent,
  type WSClientEventMap,
  type WSEventHandler,
} from './events.js'
import type { Explanation } from './explanation.js'
import { MessageQueue, type MessagesOptions } from './messages.js'
import { check, type CheckedOptions, type ClientOptions, type WebSocketConstructor } from './options.js'
import { deferred, onAbort, quiet, unlessAborted, type Deferred } from './promises.js'
import { NEVER_OPENED, type Cause, type ConnectionState } from './state.js'
import { now, testTime } from './time.js'
import type {
  AnswerTo,
  Incoming,
  IncomingAction,
  IncomingOf,
  Messages,
  Outgoing as OutgoingMessage,
  Request,
} from './typed.js'

const loadInline = once(async () => (await chunk(() => import('./core-wasm.js'))).load())

/** TypeScript's types leave out that it gives nothing for `undefined` and for functions. */
const toJson: (value: unknown) => string | undefined = JSON.stringify

/** TypeScript's types leave out that Node before 22 has none. */
const globals: { readonly WebSocket?: WebSocketConstructor } = globalThis

function hasId(idField: string): EverwireError {
  const text = `the message has a member ${idField} of its own, where the id for the answer goes: rename it, or set the option idField`
  return new EverwireError('not-serializable', text)
}

/** How long an answer may take, if the app does not say: API Gateway's longest integration timeout and a second. */
const ANSWER_MS = 30_000

const UNKNOWN_TEXT =
  'the request was sent, but its answer did not come in time or before the socket was lost; it may have been carried out'

const NO_OBJECT_TEXT = 'a message that is to be answered must be an object, since it gets an id'

/** For a core whose client is gone. */
const NO_TOKEN: TokenFetch = { token: Promise.resolve(undefined), abort: () => undefined }

/** @internal Clients that are not closed: held strongly, as a browser holds an open WebSocket. */
export const live = new Set<Pick<WSClient, 'dispose'>>()

// The events' types, in the place where TypeScript looks for them.
export interface WSClient<M = Messages> {
  addEventListener<T extends Incoming<M> = Incoming<M>>(
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
  removeEventListener<T extends Incoming<M> = Incoming<M>>(
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

/** What `send()` takes beside the message. */
export interface SendOptions {
  /** Takes the message back if it still waits; else says `unknown` of one that waits for its answer. */
  signal?: AbortSignal | undefined
  /** Messages of one key stand for the same thing: of those that wait, only the latest is sent. */
  key?: string | undefined
  /** How long the message may wait for a socket, in milliseconds. @default the option `maxQueuedMs` */
  ttlMs?: number | undefined
  /** Whether to wait for the server's answer; see PROTOCOL.md. @default false */
  acknowledge?: boolean | undefined
  /**
   * How long the message may take to be sent, and with `acknowledge` to be answered, in milliseconds.
   * @default 30000 with `acknowledge`, else for ever
   */
  timeoutMs?: number | undefined
}

/** What `request()` takes beside the message. */
export interface RequestOptions {
  /** How long the answer may take, waiting for a socket included, in milliseconds. @default 30000 */
  timeoutMs?: number | undefined
  /** Gives up waiting for the answer, and takes the request back if it still waits to be sent. */
  signal?: AbortSignal | undefined
}

/**
 * Keeps an app connected to a serverless WebSocket API.
 *
 * Making one does nothing but check the options; it is safe on a server. `open()` loads the core (Rust,
 * compiled to WebAssembly) the first time, and every decision about connecting is made there.
 *
 * Events: `onwebsocketmessage` ({@link WSEvent}), `statechange` ({@link StateChangeEvent}), `error`
 * ({@link ProblemEvent}), `gap` ({@link GapEvent}), `invalid` ({@link InvalidEvent}) and `outgoing`
 * ({@link OutgoingEvent}). A listener may call any method; that takes effect at once, and what is to be told
 * about it is told when the listeners of the same event have run.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export class WSClient<M = Messages> extends EventTarget {
  readonly #options: CheckedOptions
  readonly #loadEngine: LoadEngine
  #state = NEVER_OPENED
  #reconnectMs: number
  #engine: Engine['kind'] | undefined
  #core: Core | undefined
  /** Whether the app wants to be connected: what matters while there is no core to know it. */
  #wanted = false
  /** The token that was asked for when the core began to be loaded; set until the core is there. */
  #loading: { fetch?: TokenFetch } | undefined
  /** Whether somebody is about to call `open()`: until then messages wait. */
  #expectsOpen = false
  /** Messages sent while the core was being loaded or `open()` was about to be called, until the core has them. */
  readonly #early: EarlyMessages
  #opening: Deferred | undefined
  #idPrefix: string | undefined
  /** What a core that is disposed of had to tell. */
  #explained: Explanation | undefined
  #lastId = 0
  #trappedSinceStable = false
  /** Whether it was told that the client opens, by a client that had no core to say so. */
  #hasToldOpening = false

  /** @throws EverwireError with the code `invalid-option` */
  constructor(options: ClientOptions<M>)
  /** @internal For entries that load the core in another way, so not in the published types. */
  // eslint-disable-next-line @typescript-eslint/unified-signatures
  constructor(options: ClientOptions<M>, loadEngine: LoadEngine)
  constructor(options: ClientOptions<M>, loadEngine: LoadEngine = loadInline) {
    super()
    this.#options = check(options)
    this.#loadEngine = loadEngine
    this.#early = new EarlyMessages(this.#options.maxQueuedMessages)
    this.#reconnectMs = this.#options.firstRetryMs
  }

  /**
   * Connects, and stays connected until `close()`. Does nothing if it is connected or being connected; while
   * it waits for a retry it goes on waiting (`reconnect()` does not).
   *
   * @param options its `signal` ends this wait only; the client goes on connecting
   * @returns settles when the connection is open; rejects with an {@link EverwireError} if it is given up
   *   before (`closed`, `socket-refused`, `server-refused`, `unauthorized`, `url-too-long`,
   *   `attempts-exhausted`, `load-failed`, `core-trapped`). While the server is down it goes on trying, so
   *   give a signal where you cannot wait. Nobody need handle the rejection.
   */
  readonly open = ({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> => {
    this.#wanted = true
    this.#expectsOpen = false
    testTime()?.opening(this, this.#options.url)
    const { promise } = (this.#opening ??= deferred())
    if (this.#core) {
      this.#core.open()
      this.#early.handTo(this.#core)
    } else if (!this.#loading) this.#load()
    return signal ? quiet(unlessAborted(promise, signal)) : promise
  }

  /** Disconnects, and stays disconnected until `open()`. Messages that wait are dropped, with the code `closed`. */
  readonly close = (): void => {
    this.#wanted = false
    if (this.#expectsOpen) {
      this.#expectsOpen = false
      this.#early.drop('closed', CLOSED_TEXT)
    } else if (this.#core) this.#core.close()
    // It may wait for another core, too, after one that has failed.
    else if (this.#loading || this.#state.status !== 'closed')
      this.#endLoading('close-called', CLOSE_CALLED_TEXT, 'closed', CLOSED_TEXT)
  }

  /** Gets a new socket with a fresh token, now: also while waiting for a retry, or when closed. */
  readonly reconnect = (): void => {
    this.#wanted = true
    if (!this.#core) return void this.open()
    this.#expectsOpen = false
    this.#core.reconnect()
    this.#early.handTo(this.#core)
  }

  /** @internal Messages wait from now on, as `openExpected()` is about to be called. */
  readonly expectOpen = (): void => {
    this.#expectsOpen ||= this.#state.status === 'closed'
  }

  /** @internal Opens after `expectOpen()`, unless the app has called `close()` in between or nobody has a use for it. */
  readonly openExpected = (isUsed: boolean): void => {
    if (this.#expectsOpen && (isUsed || this.#early.size > 0)) void this.open()
  }

  /**
   * Gets a new socket with a fresh token and without a gap: the old one goes when the new one has proven
   * itself. Where the server refuses a second socket, the first one is closed for it.
   *
   * @returns settles when another socket is in use; rejects with the code `closed` if the client is closed
   */
  readonly rotate = ({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> => {
    const { status, generation } = this.#state
    const isNew = (state: ConnectionState): boolean =>
      state.status === 'open' && (status !== 'open' || state.generation !== generation)
    const rotated = this.#until(isNew, signal)
    this.#core?.rotate()
    return rotated
  }

  /**
   * Loses the open socket as if the network had: to see, while developing, what the app does then. What
   * follows is what follows a real loss. Does nothing where no socket is open.
   */
  readonly drop = (): void => this.#core?.drop()

  /**
   * Sends a message as JSON. While there is no socket it waits, in order, for the next one.
   *
   * @returns settles with what became of the message: `handed-over` when an open socket has it, which does not
   *   say that the server does; with `acknowledge`, `acknowledged` when the server has answered, or `unknown`
   *   when that could not be waited for. Rejects with an {@link EverwireError} if it is dropped (`closed`,
   *   `outbox-full`, `message-too-big`, `superseded`, `expired`, `timed-out`, `not-serializable`,
   *   `core-trapped` or why the connection was given up), or with the signal's reason. Nobody need handle the
   *   rejection.
   */
  readonly send = (message: OutgoingMessage<M>, options: SendOptions = {}): Sent => {
    const { acknowledge, key, ttlMs, signal } = options
    const { timeoutMs = acknowledge ? ANSWER_MS : undefined } = options
    const outcome = delivery()
    const replyId = acknowledge ? this.#nextId() : undefined
    this.#send(message, outcome, { replyId, answered: undefined, key, ttlMs, timeoutMs, signal })
    return outcome.sent
  }

  /**
   * Sends a message with an id and waits for the message that has the same id: its answer, which is dispatched
   * in no event.
   *
   * @returns settles with the answer. Rejects with an {@link EverwireError}: as `send()` if the request was not
   *   sent, with `outcome-unknown` if it was and the socket was lost or the time was up before the answer came;
   *   or with the signal's reason.
   */
  readonly request = <T = never, const R extends Request<M> = Request<M>>(
    message: R,
    { timeoutMs = ANSWER_MS, signal }: RequestOptions = {},
  ): Promise<[T] extends [never] ? AnswerTo<R, M> : T> => {
    type Answer = [T] extends [never] ? AnswerTo<R, M> : T
    const { promise, resolve, reject } = deferred<Answer>()
    const outcome = delivery()
    // The answer, where there is one, has come before.
    const ended = (): void =>
      reject(signal?.aborted ? signal.reason : new EverwireError('outcome-unknown', UNKNOWN_TEXT))
    outcome.sent.then(ended, reject)
    const answered = (reply: unknown): void => resolve(reply as Answer)
    const rest = { key: undefined, ttlMs: undefined, timeoutMs, signal }
    this.#send(message, outcome, { replyId: this.#nextId(), answered, ...rest })
    return promise
  }

  /**
   * Calls `handler` with each message whose `action` (the option `actionField`) is `action`.
   *
   * @returns ends it
   */
  readonly on = <A extends IncomingAction<M>, T extends IncomingOf<A, M> = IncomingOf<A, M>>(
    action: A,
    handler: (message: T, event: WSEvent<T>) => void,
  ): (() => void) => {
    const listener = (event: WSEvent<T>): void => {
      const message = event.message as Record<string, unknown> | null
      if (message?.[this.#options.actionField] === action) handler(event.message, event)
    }
    this.addEventListener(WEBSOCKET_EVENT, listener as EventListener)
    return () => this.removeEventListener(WEBSOCKET_EVENT, listener as EventListener)
  }

  /**
   * The messages from now on, for `for await`. Those that nobody has taken wait, `limit` of them at most.
   *
   * Ends with `break`, with the signal, or when the client is closed. Beyond `limit` the declared `overflow` is
   * done, never anything silent: `drop-oldest` counts in `dropped`, `error` makes the loop throw `inbox-full`.
   */
  readonly messages = <T extends Incoming<M> = Incoming<M>>(options: MessagesOptions = {}): MessageQueue<T> =>
    new MessageQueue<T>(this, options);

  /** The same as `messages()`. */
  [Symbol.asyncIterator](): MessageQueue<Incoming<M>> {
    return this.messages()
  }

  /** Settles when no message waits and the sockets have sent all they were given. */
  readonly drained = async ({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> => {
    // Browsers have no event for it.
    while (this.#early.size > 0 || this.#core?.queued || this.bufferedAmount > 0) {
      signal?.throwIfAborted()
      await new Promise((turn) => setTimeout(turn, 20))
    }
  }

  /** The last transitions with their causes, the next attempt, and counters. Nothing secret is in it. */
  readonly explain = (): Explanation | undefined => this.#core?.explain() ?? this.#explained

  /** Closes the client and lets go of its memory in WebAssembly; also by `using`. It can be opened again. */
  readonly dispose = (): void => {
    this.close()
    // One that has failed is replaced, and then settles what it promised.
    if (this.#state.status !== 'closed') return
    this.#explained = this.explain()
    this.#core = undefined
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

  /** Where the connection stands; a new object after each change. */
  get state(): ConnectionState {
    return this.#state
  }

  /** Bytes that were handed to the sockets and are not sent yet. */
  get bufferedAmount(): number {
    return this.#core?.bufferedAmount ?? 0
  }

  /** How the core runs, once it is loaded: as WebAssembly, or as JavaScript where that is forbidden. */
  get engine(): 'wasm' | 'js' | undefined {
    return this.#engine
  }

  /** Settles when the state is as wanted; rejects when the client is closed. */
  #until(holds: (state: ConnectionState) => boolean, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = deferred()
    const look = (): void => {
      if (holds(this.#state)) resolve()
      else if (this.#state.status === 'closed') reject(new EverwireError('closed', CLOSED_TEXT))
    }
    this.addEventListener('statechange', look)
    const ignore = onAbort(signal, () => reject(signal?.reason))
    look()
    void quiet(
      promise.finally(() => {
        ignore()
        this.removeEventListener('statechange', look)
      }),
    )
    return promise
  }

  // Messages on their way out -------------------------------------------------------------------------

  /** An id that no other client's server has seen, for the answer to come back with. */
  #nextId(): string {
    this.#idPrefix ??= Math.random().toString(36).slice(2)
    return `${this.#idPrefix}-${String(++this.#lastId)}`
  }

  #send(
    message: unknown,
    outcome: ReturnType<typeof delivery>,
    rest: Omit<Outgoing, 'text' | 'delivery'>,
  ): void {
    this.#hand(message, outcome, rest)
    this.dispatchEvent(new OutgoingEvent(message, outcome.sent))
  }

  #hand(message: unknown, outcome: Delivery, rest: Omit<Outgoing, 'text' | 'delivery'>): void {
    const { replyId } = rest
    let text: string | undefined
    try {
      text = toJson(message)
      if (replyId !== undefined) {
        // What JSON makes of it, so that a message may have a method toJSON.
        const fields = text?.startsWith('{') ? (JSON.parse(text) as object) : undefined
        if (fields && this.#options.idField in fields)
          return this.#refuse(outcome, hasId(this.#options.idField))
        text = fields && toJson({ ...fields, [this.#options.idField]: replyId })
      }
    } catch (error) {
      const problem = new EverwireError('not-serializable', `the message is not JSON: ${textOf(error)}`)
      return this.#refuse(outcome, problem)
    }
    if (text === undefined) {
      const text = replyId === undefined ? `a message cannot be ${typeof message}` : NO_OBJECT_TEXT
      return this.#refuse(outcome, new EverwireError('not-serializable', text))
    }
    const { maxQueuedMs } = this.#options
    const ttlMs = rest.ttlMs ?? (maxQueuedMs === 0 ? undefined : maxQueuedMs)
    const outgoing = { text, delivery: outcome, ...rest, ttlMs }
    // Behind those that wait already. Without a core a client may wait for another one, after one that has failed.
    const waits = this.#loading !== undefined || this.#expectsOpen || this.#early.size > 0
    if (waits || (!this.#core && this.#state.status !== 'closed')) {
      const refused = this.#early.keep(outgoing)
      if (refused) this.#refuse(outcome, refused)
    } else if (this.#core) this.#core.send(outgoing)
    else this.#refuse(outcome, new EverwireError('closed', CLOSED_TEXT))
  }

  /** Drops a message, and says so to whoever did not wait for what becomes of it. */
  #refuse(outcome: Delivery, error: EverwireError): void {
    outcome.drop(error)
    this.#tellProblem(error)
  }

  #tellProblem(error: EverwireError): void {
    try {
      this.#options.log?.({ level: 'warn', text: error.message, about: error })
    } finally {
      this.dispatchEvent(new ProblemEvent(error))
    }
  }

  // Loading the core ----------------------------------------------------------------------------------

  #load(): void {
    const loading: { fetch?: TokenFetch } = {}
    this.#loading = loading
    const state = {
      ...NEVER_OPENED,
      status: 'fetching-token',
      cause: 'open-called',
      why: OPEN_CALLED_TEXT,
    } as const
    this.#change(state)
    if (this.#loading === loading) this.#hasToldOpening = true
    // Each of these may have called close().
    if (this.#loading === loading) loading.fetch = this.#fetchToken(false)
    if (this.#loading !== loading) return
    const engine = this.#loadEngine()
    engine.then(
      (engine) => {
        if (this.#loading === loading) this.#boot(engine)
      },
      (error: unknown) => {
        const text = error instanceof EverwireError ? error.message : textOf(error)
        if (this.#loading === loading) this.#failToLoad(`the core could not be loaded: ${text}`)
      },
    )
  }

  #boot(engine: Engine): void {
    const Constructor = this.#options.WebSocket ?? globals.WebSocket
    if (!Constructor) {
      this.#failToLoad('there is no WebSocket here; pass one as the option WebSocket')
      return
    }
    const firstToken = this.#loading?.fetch
    let core: Core
    try {
      // Weakly, so that a client which is closed and forgotten can be collected, and its core with it.
      const host = WSClient.#hostOf(new WeakRef(this), () => core, engine)
      core = engine.boot(host, { ...this.#options, WebSocket: Constructor, firstToken })
    } catch (error) {
      this.#failToLoad(`the core could not be started: ${textOf(error)}`)
      return
    }
    this.#core = core
    this.#engine = engine.kind
    this.#loading = undefined
    core.open()
    this.#early.handTo(core)
  }

  #failToLoad(text: string): void {
    this.#wanted = false
    this.#endLoading('load-failed', text, 'load-failed', text)
    this.#tellProblem(new EverwireError('load-failed', text))
  }

  /** Closed, without ever having had a core: everything that was promised meanwhile is settled. */
  #endLoading(cause: Cause, why: string, code: ProblemCode, text: string): void {
    this.#loading?.fetch?.abort()
    this.#loading = undefined
    this.#gaveUp(code, text)
    this.#early.drop(code, text)
    this.#change({ ...NEVER_OPENED, cause, why })
  }

  /** The core has trapped, which is a bug in it: tell, then go on with a new one, but not for ever. */
  #replaceCore(core: Core, engine: Engine, error: unknown): void {
    if (this.#core !== core) return
    this.#core = undefined
    const text = `the core failed (${nameOf(error)}); this is a bug in everwire, please report it`
    const goesOn = this.#wanted && !this.#trappedSinceStable
    const state = { ...NEVER_OPENED, cause: 'core-trapped', why: text } as const
    if (goesOn) this.#change({ ...state, status: 'waiting', retryAt: now() })
    else if (this.#state.status !== 'closed') this.#change(state)
    this.#tellProblem(new EverwireError('core-trapped', text))
    // A listener may have begun anew, or the app may have closed the client meanwhile.
    if (this.#hasCoreOrWillHave()) return
    if (goesOn && this.#wanted) {
      this.#trappedSinceStable = true
      this.#boot(engine)
    } else if (this.#wanted) {
      this.#wanted = false
      this.#early.drop('core-trapped', text)
      this.#gaveUp('core-trapped', text)
    } else {
      this.#gaveUp('closed', CLOSED_TEXT)
    }
  }

  #hasCoreOrWillHave(): boolean {
    return this.#core !== undefined || this.#loading !== undefined
  }

  // What the core calls -------------------------------------------------------------------------------

  static #hostOf(self: WeakRef<WSClient<unknown>>, core: () => Core, engine: Engine): Host {
    const client = (then: (client: WSClient<unknown>) => void): void => {
      const held = self.deref()
      if (held) then(held)
    }
    return {
      fetchToken(isRefresh) {
        const held = self.deref()
        return held ? held.#fetchToken(isRefresh) : NO_TOKEN
      },
      setState: (state, reconnectMs) => client((it) => it.#setState(state, reconnectMs)),
      tellState: (state, previous) => client((it) => it.#tellState(state, previous)),
      tellMessage: (message, id) => client((it) => it.dispatchEvent(new WSEvent(message, id))),
      tellProblem: (error, data) => client((it) => it.dispatchEvent(new ProblemEvent(error, data))),
      tellInvalid: (issues, data) => client((it) => it.dispatchEvent(new InvalidEvent(issues, data))),
      tellGap: (ms, lost) => client((it) => it.dispatchEvent(new GapEvent(ms, lost))),
      opened: () => client((it) => it.#opened()),
      gaveUp: (code, text) => client((it) => it.#gaveUp(code, text)),
      trapped(error) {
        // Later, when whatever was calling the core has returned.
        queueMicrotask(() => client((it) => it.#replaceCore(core(), engine, error)))
      },
    }
  }

  #fetchToken(refresh: boolean): TokenFetch {
    const controller = new AbortController()
    const { signal } = controller
    const fetch = async (): Promise<string | undefined> => {
      const token: unknown = await this.#options.token?.({ signal, refresh })
      if (token === undefined || token === null || token === '') return undefined
      if (typeof token !== 'string') throw new NoToken(`it gave ${typeof token}, not a string`)
      return token
    }
    const token = quiet(fetch())
    testTime()?.awaiting(token)
    return { token, abort: () => controller.abort() }
  }

  /** A change that no core knows of. */
  #change(state: ConnectionState): void {
    const previous = this.#state
    this.#setState(state, this.#options.firstRetryMs)
    this.#tellState(this.#state, previous)
  }

  #setState(state: ConnectionState, reconnectMs: number): void {
    this.#state = Object.freeze(state)
    this.#reconnectMs = reconnectMs
    if (state.status === 'closed') live.delete(this)
    else live.add(this)
    if (state.cause === 'stable') this.#trappedSinceStable = false
    if (state.status === 'closed' && state.cause !== 'core-trapped') this.#wanted = false
  }

  #tellState(state: ConnectionState, previous: ConnectionState): void {
    // What was told when the core began to be loaded is not told again.
    const isKnown = this.#hasToldOpening && state.status === 'fetching-token'
    this.#hasToldOpening = false
    if (isKnown) return
    this.dispatchEvent(new StateChangeEvent(state, previous))
  }

  #opened(): void {
    this.#opening?.resolve()
    this.#opening = undefined
  }

  #gaveUp(code: ProblemCode, text: string): void {
    this.#opening?.reject(new EverwireError(code, text))
    this.#opening = undefined
  }
}

/** A token function gave something that is no token. The text is ours, so it may be shown. */
class NoToken extends Error {
  override readonly name = `NoToken`
}
