/// <reference lib="esnext.disposable" preserve="true" />
import { DISPOSE } from '../dispose.js'
import { isObject } from '../frames.js'
import { checkUrl } from '../options.js'
import type {
  ActionField,
  ActionOf,
  Answers as AnswersOf,
  Incoming,
  Messages,
  Outgoing,
  With,
} from '../typed.js'
import { keepEnvironment, outsideAct, Rendering, type Act } from './act.js'
import { Answers, type AnyAnswer } from './answers.js'
import { FakeConnection, pushTo, textOf, type DropOptions } from './connection.js'
import { Failures } from './failures.js'
import { isLoading } from './fake-time.js'
import { Inbox } from './inbox.js'
import { addressOf, Network } from './network.js'
import type { Partly } from './pattern.js'
import { pause, realNow } from './real-time.js'
import { Refusals, type Handshake, type RefuseOptions } from './refusals.js'
import { FakeSocket } from './socket.js'

/** How long `connected()` and `expect()` wait, in real milliseconds. */
const WAIT_MS = 1000

/** How a fake server is made. */
export interface FakeServerOptions {
  /** The URL that the app connects to; what is in its query does not matter. */
  url: string | URL
  /** The query parameter that carries the token: the client's option. @default 'token' */
  tokenParam?: string | undefined
  /** The member by which an answer names what it answers: the client's option. @default 'id' */
  idField?: string | undefined
  /** The member that tells messages apart: the client's option. @default 'action' */
  actionField?: string | undefined
  /** Testing Library's `act`, for React before 18.3, which has none itself. @default React's own */
  act?: Act | undefined
}

/** How long a wait may take. */
export interface WaitOptions {
  /** In real milliseconds; the loading of the client's core does not count, a slow token does. @default 1000 */
  waitMs?: number | undefined
}

/** The outgoing messages that may have this action. */
export type OutgoingOf<Action, M = Messages> =
  unknown extends Outgoing<M> ? unknown : With<Outgoing<M>, Action, M>

/** The actions that are answered. */
export type AnsweredAction<M = Messages> = unknown extends AnswersOf<M> ? string : keyof AnswersOf<M> & string

/** The actions of what the app sends. */
export type OutgoingAction<M = Messages> = unknown extends Outgoing<M> ? string : ActionOf<Outgoing<M>, M>

type AnswerOf<Action, M> = Action extends keyof AnswersOf<M> ? AnswersOf<M>[Action] : object | undefined

/** An answer, or what makes it of the message. */
export type Answer<Action, M = Messages> =
  | AnswerOf<Action, M>
  | ((message: OutgoingOf<Action, M>) => AnswerOf<Action, M> | Promise<AnswerOf<Action, M>>)

/** What a message of whichever action is to have: some members, at any depth, or a function that says. */
export type Pattern<M = Messages> =
  | (unknown extends Outgoing<M>
      ? object | string | number | boolean | null
      : Partly<Outgoing<M>> & Readonly<Partial<Record<ActionField<M>, never>>>)
  | ((message: Outgoing<M>) => boolean)

/**
 * A server in the place of the API, at one URL: the app's own client connects to it, and only the socket and
 * the time are fake. Made by {@link fakeServer}.
 */
export class FakeServer<M = Messages> {
  /** The URL without its query. */
  readonly address: string
  /** @internal */
  readonly rendering: Rendering
  readonly #options: { readonly tokenParam: string; readonly idField: string; readonly actionField: string }
  readonly #network: Network
  readonly #connections = new Set<FakeConnection<M>>()
  readonly #handshakes: Handshake[] = []
  readonly #inbox = new Inbox()
  readonly #restoreEnvironment = keepEnvironment()
  readonly #failures = new Failures()
  readonly #answers: Answers
  readonly #refusals = new Refusals(this.#failures)
  #isClosed = false
  #pushes = 0

  /** @internal {@link fakeServer} makes them. */
  constructor({ url, tokenParam = 'token', idField = 'id', actionField = 'action', act }: FakeServerOptions) {
    this.address = addressOf(checkUrl(url))
    this.rendering = new Rendering(act)
    this.#options = { tokenParam, idField, actionField }
    this.#answers = new Answers(idField, this.#failures)
    this.#network = Network.enter(this)
  }

  // What the test sees --------------------------------------------------------------------------------

  /** The connections that are open, the oldest first; two of one client in a hand-over. */
  get connections(): readonly FakeConnection<M>[] {
    return [...this.#connections]
  }

  /** All handshakes, the oldest first. */
  get handshakes(): readonly Handshake[] {
    return this.#handshakes
  }

  /** All messages that came, the oldest first, heartbeats left out; what is no JSON as the text that it is. */
  get received(): readonly Outgoing<M>[] {
    return this.#inbox.messages as Outgoing<M>[]
  }

  /** The fake time, in milliseconds since 1970. It began with the real one. */
  get now(): number {
    return this.#network.time.now()
  }

  /**
   * Waits until clients have this many sockets open, and the app has heard of it. Lets the time pass as far as
   * a client waits for a retry.
   *
   * @param count how many connections. @default 1
   * @returns the newest
   */
  connected(count = 1, options: WaitOptions = {}): Promise<FakeConnection<M>> {
    const live = (): FakeConnection<M>[] => this.connections.filter((connection) => !connection.isBlackHole)
    const look = (): FakeConnection<M> | undefined => (live().length >= count ? live().at(-1) : undefined)
    const failure = (): string => `${live().length} of ${count} connections are open. ${this.#diagnosis()}`
    return this.#until(look, failure, options)
  }

  /**
   * Waits for a message that matches; one that an earlier `expect()` took is not given again. Lets the time pass
   * as far as a client waits for a retry.
   *
   * @param pattern members that the message is to have, at any depth, also matchers such as
   *   `expect.any(Number)`; or a function that says whether it matches
   */
  expect<const Action extends string>(
    pattern: Partly<OutgoingOf<Action, M>> & Record<ActionField<M>, Action>,
    options?: WaitOptions,
  ): Promise<OutgoingOf<Action, M>>
  expect(pattern: Pattern<M>, options?: WaitOptions): Promise<Outgoing<M>>
  expect(pattern: unknown, options: WaitOptions = {}): Promise<unknown> {
    const look = (): { message: unknown } | undefined => this.#inbox.take(pattern)
    const failure = (): string => {
      const hint = this.#connections.size === 0 ? ` ${this.#diagnosis()}` : ''
      return `no message came that matches ${this.#inbox.describe(pattern)}${hint}`
    }
    return this.#until(look, failure, options).then(({ message }) => message)
  }

  // What the test does --------------------------------------------------------------------------------

  /** Sends messages to every connection that is open, in order. What the app renders has been rendered then. */
  push(...messages: Incoming<M>[]): void {
    const connections = this.#present('push to')
    const texts = messages.map((message) => {
      // As the backend marks what it pushes: a client with two connections dispatches it once.
      const marked = connections.length > 1 && isObject(message)
      return textOf(marked ? { ...message, everwire: { id: `push-${++this.#pushes}` } } : message)
    })
    pushTo(connections, texts, { rendering: this.rendering, pushed: this.#network.time.runDue })
  }

  /** Loses every connection: without a word (1006), or with a close code. */
  drop(options?: DropOptions): void {
    for (const connection of this.#present('drop')) connection.drop(options)
  }

  /** From now on nothing arrives on the connections that are open, and nobody is told. New ones are well. */
  blackHole(): void {
    for (const connection of this.#present('black-hole')) connection.blackHole()
  }

  /** Refuses handshakes, as a browser sees it: 1006 before the socket was open. */
  refuse(options: RefuseOptions = {}): void {
    this.#refusals.begin(options)
  }

  /** Ends {@link refuse}. */
  accept(): void {
    this.#refusals.end()
  }

  /**
   * Answers requests, and what is sent with `acknowledge`, from now on; the last answer given for an action counts.
   *
   * @param action of the messages that are answered
   * @param answer an object, or a function that makes one of the message. If it throws, the client sees a handler
   *   that fails, and the next wait of the test, or `close()`, fails with the error
   */
  answer<Action extends AnsweredAction<M>>(action: Action, answer: Answer<Action, M>): void {
    this.#answers.set(action, answer as AnyAnswer)
  }

  /**
   * Lets messages of this action fail from now on, in the place of {@link answer}: API Gateway's error frame
   * comes, and no answer.
   *
   * @param message what API Gateway says, also `Forbidden` (no route) or `Endpoint request timed out`.
   *   @default 'Internal server error'
   */
  fail(action: OutgoingAction<M>, message?: string): void {
    this.#answers.fail(action, message)
  }

  /**
   * Lets the time pass: retries, heartbeats, deadlines of tokens and requests, lingering, hand-overs. What falls
   * due happens in order, with all that it brings about.
   *
   * @param ms how long, in milliseconds
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Infinity)) throw new Error(`advance() takes milliseconds, not ${String(ms)}`)
    this.#checkOpen()
    await outsideAct(() => this.#network.time.advance(ms))
    this.#failures.throwThem()
  }

  /**
   * Closes the clients that were opened to here and takes everything back; with the last server the time is the
   * real one again, and so is `WebSocket`. May be called twice. Also by `using`.
   *
   * @throws Error what a function given to `answer()` or `refuse()` has thrown, if no wait has told of it
   */
  readonly close = (): void => {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#network.leave(this)
    for (const connection of this.connections) connection.drop({ code: 1001, reason: 'Going away' })
    this.#restoreEnvironment()
    this.#failures.throwThem()
  };

  /** The same as `close()`. */
  [DISPOSE](): void {
    this.close()
  }

  // What clients do -----------------------------------------------------------------------------------

  /** @internal */
  connect(url: string): FakeSocket {
    let connection: FakeConnection<M> | undefined
    const socket: FakeSocket = new FakeSocket(url, {
      receives: (data) => connection?.receives(data),
      closes: (code, reason) => connection?.closes(code, reason) ?? true,
    })
    const shakeHands = (): void => {
      if (socket.readyState !== FakeSocket.CONNECTING || this.#isClosed) return
      connection = this.#shakeHands(url, socket)
      this.rendering.inAct(() => (connection ? socket.open() : socket.end(1006, '')))
    }
    void Promise.resolve().then(shakeHands)
    return socket
  }

  #shakeHands(url: string, socket: FakeSocket): FakeConnection<M> | undefined {
    const withoutToken = new URL(url)
    const token = withoutToken.searchParams.get(this.#options.tokenParam) ?? undefined
    withoutToken.searchParams.delete(this.#options.tokenParam)
    const handshake = { url: withoutToken.href, token }
    const status = this.#refusals.statusFor(handshake) ?? 101
    this.#handshakes.push({ ...handshake, status })
    if (status !== 101) return undefined
    const connection: FakeConnection<M> = new FakeConnection<M>(handshake.url, token, socket, {
      rendering: this.rendering,
      received: (message) => void this.#receive(message, connection),
      pushed: this.#network.time.runDue,
      ended: () => this.#connections.delete(connection),
    })
    this.#connections.add(connection)
    return connection
  }

  async #receive(message: unknown, connection: FakeConnection<M>): Promise<void> {
    this.#inbox.add(message)
    if (!isObject(message)) return
    const frame = await this.#answers.frameFor(message, message[this.#options.actionField])
    if (frame !== undefined) connection.bring(frame)
  }

  // Waiting -------------------------------------------------------------------------------------------

  /** Looks until there is something, and lets the time pass as far as a client waits for a retry. */
  #until<T>(look: () => T | undefined, failure: () => string, { waitMs = WAIT_MS }: WaitOptions): Promise<T> {
    const { time } = this.#network
    const refusedBefore = this.#refusals.count
    return outsideAct(async () => {
      let late = realNow() + waitMs
      for (;;) {
        this.#checkOpen()
        this.#failures.throwThem()
        const found = look()
        if (found !== undefined) {
          await time.settle()
          this.#failures.throwThem()
          return found
        }
        if (this.#clients.some(isLoading)) late = realNow() + waitMs
        const isHopeless = this.#isRetrying && this.#refusals.isHopeless(this.#refusals.count - refusedBefore)
        if (realNow() > late || isHopeless) throw new Error(failure())
        const mayGoOn = this.#isRetrying && !time.isHeld
        if (!mayGoOn || !(await time.runNext())) await pause()
      }
    })
  }

  get #clients(): ReturnType<Network['clientsOf']> {
    return this.#network.clientsOf(this)
  }

  get #isRetrying(): boolean {
    return this.#clients.some(({ state }) => state.status === 'waiting' && state.retryAt !== undefined)
  }

  /** The open connections; whoever wants to do something to them needs one. */
  #present(what: string): FakeConnection<M>[] {
    this.#checkOpen()
    if (this.#connections.size === 0) {
      throw new Error(
        `there is no connection to ${what}: await server.connected() first. ${this.#diagnosis()}`,
      )
    }
    return [...this.#connections]
  }

  #checkOpen(): void {
    if (this.#isClosed)
      throw new Error('this fake server was closed: make another one by fakeServer({ url })')
  }

  /** Why nobody is connected, as far as can be told. */
  #diagnosis(): string {
    const clients = this.#clients
    const { elsewhere } = this.#network
    if (clients.length > 0) {
      const told = clients.map(({ state }) => `a client is ${state.status} (${state.why})`)
      return [`At ${this.address}, ${told.join('; ')}.`, ...this.#remedies()].join(' ')
    }
    const refusing = this.#refusals.describe()
    if (refusing) return refusing
    const others = elsewhere.length > 0 ? ` Sockets were opened to ${elsewhere.join(', ')} instead.` : ''
    return `No client has connected to ${this.address}: did a mounted component call useWebSocketClient, or the test client.open()? The server must be there before that.${others}`
  }

  /** What may help those clients. */
  #remedies(): string[] {
    const remedies = [this.#refusals.describe()]
    if (this.connections.some(({ isBlackHole }) => isBlackHole)) {
      remedies.push(
        'Of a dead link a client learns by a heartbeat: advance() past heartbeatMs and heartbeatTimeoutMs.',
      )
    }
    if (this.#clients.some(({ state }) => state.status === 'fetching-token')) {
      remedies.push(
        'A token function has not settled: mend it, or where it is only slow, give the wait more time by { waitMs }.',
      )
    }
    return remedies.filter((remedy) => remedy !== undefined)
  }
}

/**
 * Puts a fake server in the place of an API: until it is closed, sockets to its URL come to it, and the time of all
 * clients is a fake one, which `advance()` moves. The timers of the test, the app and the test runner stay as they are.
 *
 * @throws Error if there is a fake server for the URL already
 *
 * @example
 * ```ts
 * import { fakeServer } from 'everwire/testing'
 *
 * const server = fakeServer({ url: 'wss://example.com/prod' })
 * // When the test is over: server.close()
 * ```
 */
export function fakeServer<M = Messages>(options: FakeServerOptions): FakeServer<M> {
  return new FakeServer<M>(options)
}
