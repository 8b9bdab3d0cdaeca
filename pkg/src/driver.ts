import { startClock } from './clock.js'
import type { Core, CoreSettings, Host, Outgoing, TokenFetch } from './core.js'
import { EverwireError, GatewayError, type ProblemCode, nameOf } from './error.js'
import type { Explanation } from './explanation.js'
import {
  HEARTBEAT,
  Seen,
  hintIn,
  isGatewayFrame,
  isObject,
  takeControl,
  type Control,
  type GatewayFrame,
  type JsonObject,
  bytesOf,
} from './frames.js'
import { Journal } from './journal.js'
import * as machine from './machine.js'
import { LONGEST_TIMER_MS, NONE, reportAt, startMachine, type Exports, type Report } from './machine.js'
import { Pendings, type Pending } from './outgoing.js'
import { watchPage } from './page.js'
import { Socket } from './socket.js'
import { NEVER_OPENED, STATUSES, type ConnectionState } from './state.js'
import { causeOf, NOT_JSON, NOT_TEXT, problem, TOKEN_FAILED } from './texts.js'
import { now, startTimer, stopTimer, type Timer } from './time.js'
import { expiryOf, withToken } from './token.js'
import { Validation } from './validation.js'

/** Before the machine's first input, and after it has trapped. */
const NOTHING: Report = {
  deadline: NaN,
  words: new Uint32Array(),
  queued: 0,
  wantsNews: false,
  awaitedTokens: [],
}

/** Why messages are dropped that their sender did not ask for. */
const NEVER_ASKED_FOR = new Set<ProblemCode>(['outbox-full', 'message-too-big', 'closed'])

type InputWords = [number: number, a?: number, b?: number, c?: number, d?: number, at?: number]

/**
 * Runs the machine's effects on real sockets, one timer and the page's events. It decides nothing.
 *
 * What concerns sockets is done at once. What calls the app is queued and done when the machine has come to
 * rest, so that a listener which calls the client back finds everything as it was announced.
 */
export class Driver implements Core {
  readonly #exports: Exports
  readonly #host: Host
  readonly #settings: CoreSettings
  readonly #clock = startClock()
  readonly #now = this.#clock.now
  readonly #journal = new Journal()
  readonly #sockets = new Map<number, Socket>()
  readonly #pendings = new Pendings((id) => this.#input(machine.CANCEL, id))
  readonly #fetches = new Map<number, TokenFetch>()
  readonly #seen = new Seen()
  readonly #validation: Validation
  readonly #inputs: InputWords[] = []
  readonly #calls: (() => void)[] = []
  #isHandling = false
  #isCalling = false
  #isDead = false
  #report: Report = NOTHING
  #timer: Timer
  #due = NaN
  #stopWatching: (() => void) | undefined
  #state = NEVER_OPENED
  /** The state in which the last open socket was lost. */
  #lost = NEVER_OPENED
  #firstToken: TokenFetch | undefined
  /** What failed when the token function last did: its error's name. */
  #tokenFailure = ''
  /** Tokens that have been shown to the server, by what became of it. Never told to anybody. */
  #accepted: string | undefined
  #refused: string | undefined
  #tokens = new Map<number, string | undefined>()
  /** The message that the machine takes for the culprit, should the server say that one was too big. */
  #largest: { readonly generation: number; readonly bytes: number; readonly text: string } | undefined
  #hasToldOfHeartbeat = false
  #heartbeats = 0

  constructor(exports: Exports, host: Host, settings: CoreSettings) {
    this.#exports = exports
    this.#host = host
    this.#settings = settings
    this.#firstToken = settings.firstToken
    this.#validation = new Validation(settings.schema, host)
    startMachine(exports, settings)
  }

  open(): void {
    this.#stopWatching ??= watchPage((event) => this.#input(machine.PAGE, event))
    this.#input(machine.OPEN)
  }

  close(): void {
    this.#input(machine.CLOSE)
  }

  reconnect(): void {
    this.#stopWatching ??= watchPage((event) => this.#input(machine.PAGE, event))
    this.#input(machine.RECONNECT)
  }

  rotate(): void {
    this.#input(machine.ROTATE)
  }

  drop(): void {
    for (const [generation, socket] of this.#sockets) {
      // One that was never open would be told of as a handshake that the server has failed.
      if (socket.hasOpened) this.#socketClosed(generation, socket, 1006, '')
    }
  }

  send(message: Outgoing): void {
    const pending = this.#pendings.add(message, this.#now())
    if (this.#isDead) this.#dropAll()
    // Its signal may have been aborted before.
    if (this.#pendings.get(pending.id)) this.#input(machine.SEND, ...numbersOf(pending))
  }

  explain(): Explanation {
    const { queued, bufferedAmount } = this
    return this.#journal.explain(this.#state, { queued, bufferedAmount })
  }

  get queued(): number {
    return this.#report.queued
  }

  get bufferedAmount(): number {
    let bytes = 0
    for (const socket of this.#sockets.values()) bytes += socket.bufferedAmount
    return bytes
  }

  // Inputs and effects --------------------------------------------------------------------------------

  #input(...input: InputWords): void {
    this.#inputs.push(input)
    if (this.#isHandling) return
    this.#isHandling = true
    this.#enter(() => {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) {
        this.#tellArrivals()
        this.#handle(...next)
      }
      this.#arm(this.#report.deadline)
    })
    this.#inputs.length = 0
    this.#isHandling = false
    this.#call()
  }

  #handle(number: number, a = 0, b = 0, c = 0, d = 0, at = NaN): void {
    this.#report = reportAt(this.#exports, this.#exports.handle(this.#now(), number, a, b, c, d, at))
    const { words, awaitedTokens } = this.#report
    for (const [generation, fetch] of this.#fetches) {
      if (awaitedTokens.includes(generation)) continue
      this.#fetches.delete(generation)
      this.#later(fetch.abort)
    }
    for (let place = 0; place < words.length; place += words[place] === machine.ANNOUNCE ? 9 : 3) {
      this.#run(words[place] ?? 0, words.subarray(place + 1))
    }
  }

  /** Enters the machine's memory, unless it has trapped before: that memory cannot be trusted. */
  #enter<T>(then: () => T): T | undefined {
    if (this.#isDead) return undefined
    try {
      return then()
    } catch (error) {
      this.#die()
      this.#host.trapped(error)
      return undefined
    }
  }

  #die(): void {
    this.#isDead = true
    this.#report = NOTHING
    for (const generation of [...this.#sockets.keys()]) this.#closeSocket(generation, 1000)
    for (const { abort } of this.#fetches.values()) abort()
    this.#stopWatching?.()
    stopTimer(this.#timer)
    this.#dropAll()
  }

  #dropAll(): void {
    this.#pendings.dropAll('core-trapped', 'the core failed; whether the message has left is not known')
  }

  /** Effects that call the app are left to {@link #call}. */
  #run(effect: number, words: Uint32Array): void {
    const [a = 0, b = 0] = words
    switch (effect) {
      case machine.REQUEST_TOKEN:
        return this.#later(() => this.#requestToken(a, b !== 0))
      case machine.OPEN_SOCKET:
        return this.#openSocket(a)
      case machine.CLOSE_SOCKET:
        return this.#closeSocket(a, b)
      case machine.GREET:
        return this.#later(() => void this.#greet(a))
      case machine.PROBE:
        return this.#probe(a)
      case machine.TRANSMIT:
        return this.#transmit(a, b)
      case machine.QUARANTINE:
        return this.#quarantine()
      case machine.REFUSE:
        return this.#refuse(a, this.#problem(b))
      case machine.REPORT: {
        const problem = this.#problem(a)
        return this.#later(() => this.#tellProblem(problem))
      }
      case machine.OPENED:
        return this.#host.opened()
      case machine.GAVE_UP: {
        const { code, message } = this.#problem(a)
        return this.#host.gaveUp(code, message)
      }
      case machine.ANNOUNCE:
        return this.#announce(words)
    }
  }

  #problem(number: number): EverwireError {
    return problem(number, number === TOKEN_FAILED ? ` (${this.#tokenFailure})` : '')
  }

  /** Drops a message. Of a drop that no app asks for, it also hears if it did not wait for it. */
  #refuse(id: number, problem: EverwireError): void {
    const pending = this.#pendings.get(id)
    let error = problem
    if (problem.code === 'message-too-big' && pending) {
      const { bytes, knob } = this.#limit
      const why =
        pending.bytes > bytes ? `${knob} is ${String(bytes)}` : 'the server has closed with 1009 for as much'
      error = new EverwireError(problem.code, `the message has ${String(pending.bytes)} bytes, and ${why}`)
    }
    this.#pendings.drop(id, error)
    if (NEVER_ASKED_FOR.has(error.code)) this.#later(() => this.#tellProblem(error))
  }

  /** The largest message, and the option that says so. */
  get #limit(): { bytes: number; knob: string } {
    const { maxMessageBytes, maxFrameBytes } = this.#settings
    const [message, frame] = [maxMessageBytes || Infinity, maxFrameBytes || Infinity]
    return frame < message
      ? { bytes: frame, knob: 'maxFrameBytes' }
      : { bytes: message, knob: 'maxMessageBytes' }
  }

  #later(call: () => void): void {
    this.#calls.push(call)
  }

  #call(): void {
    // A socket may call from inside the call that is made of it.
    if (this.#isCalling || this.#isHandling) return
    this.#isCalling = true
    try {
      for (let next = this.#calls.shift(); next; next = this.#calls.shift()) next()
    } finally {
      this.#isCalling = false
    }
  }

  #arm(due: number): void {
    if (due === this.#due) return
    this.#due = due
    stopTimer(this.#timer)
    if (Number.isNaN(due)) return
    const wait = Math.min(Math.max(due - this.#now(), 0), LONGEST_TIMER_MS)
    this.#timer = startTimer(() => {
      this.#due = NaN
      this.#input(machine.TIMEOUT)
    }, wait)
  }

  // The state -----------------------------------------------------------------------------------------

  #announce(words: Uint32Array): void {
    const [status = 0, generation = 0, attempt = 0, retryInMs = NONE, gapMs = NONE] = words
    const [ceilingMs = 0, closeCode = 0, number = 0] = words.subarray(5)
    const [cause, why] = causeOf(number, closeCode)
    const state: ConnectionState = Object.freeze({
      status: STATUSES[status] ?? 'closed',
      attempt,
      retryAt: retryInMs === NONE ? undefined : now() + retryInMs,
      cause,
      why,
      closeCode: closeCode || undefined,
      generation,
    })
    const previous = this.#state
    this.#state = state
    if (previous.status === 'open' && (state.status !== 'open' || gapMs !== NONE)) this.#lost = state
    if (state.status === 'closed') {
      this.#stopWatching?.()
      this.#stopWatching = undefined
      if (state.cause === 'close-called') this.#validation.forget()
    }
    // Whoever begins later needs a token of that time.
    if (state.status !== 'fetching-token') {
      this.#firstToken?.abort()
      this.#firstToken = undefined
    }
    const lost = this.#lost
    const transition = this.#journal.note(state, previous)
    this.#host.setState(state, retryInMs === NONE ? ceilingMs : Math.max(ceilingMs, retryInMs))
    this.#later(() => {
      this.#log('info', transition.why, transition)
      this.#host.tellState(state, previous)
      if (gapMs !== NONE) this.#host.tellGap(gapMs, lost)
    })
  }

  #tellProblem(error: EverwireError, data?: unknown): void {
    this.#log('warn', error.message, error)
    this.#host.tellProblem(error, data)
  }

  #log(level: 'info' | 'warn', text: string, about: object): void {
    try {
      this.#settings.log?.({ level, text, about })
    } catch (error) {
      // Whoever writes the log is told as of any listener that throws; the connection goes on.
      queueMicrotask(() => {
        throw error
      })
    }
  }

  // Tokens and sockets --------------------------------------------------------------------------------

  #requestToken(generation: number, isRefresh: boolean): void {
    // A listener may have closed the client meanwhile.
    if (!this.#report.awaitedTokens.includes(generation)) return
    const fetch = this.#firstToken ?? this.#host.fetchToken(isRefresh)
    this.#firstToken = undefined
    this.#fetches.set(generation, fetch)
    fetch.token.then(
      (token) => this.#tokenReady(generation, token),
      (error: unknown) => {
        this.#fetches.delete(generation)
        const name = nameOf(error)
        // The text of that one is ours, so it may be shown.
        this.#tokenFailure = name === 'NoToken' ? (error as Error).message : name
        const denied = name === 'UnauthorizedError'
        this.#input(denied ? machine.TOKEN_DENIED : machine.TOKEN_FAILED, generation)
      },
    )
  }

  #tokenReady(generation: number, token: string | undefined): void {
    if (!this.#fetches.delete(generation)) return
    const history = token === undefined ? 0 : token === this.#accepted ? 1 : token === this.#refused ? 2 : 0
    const expiry = token === undefined ? undefined : expiryOf(token)
    const livesMs = expiry === undefined ? NaN : Math.min(Math.max(expiry - now(), 0), NONE)
    this.#tokens.set(generation, token)
    const { length } = this.#urlWith(token)
    this.#input(machine.TOKEN_READY, generation, length, history, 0, livesMs)
    this.#tokens.delete(generation)
  }

  #urlWith(token: string | undefined): string {
    return withToken(this.#settings.url, this.#settings.tokenParam, token)
  }

  #openSocket(generation: number): void {
    const token = this.#tokens.get(generation)
    let socket: Socket
    try {
      socket = new Socket(this.#settings.WebSocket, this.#urlWith(token), token)
    } catch {
      return this.#input(machine.SOCKET_REFUSED, generation)
    }
    this.#sockets.set(generation, socket)
    this.#journal.counters.attempts += 1
    socket.listen({
      opened: () => this.#socketOpened(generation, socket),
      received: (data) => this.#received(generation, socket, data),
      closed: (code, reason) => this.#socketClosed(generation, socket, code, reason),
    })
  }

  #socketOpened(generation: number, socket: Socket): void {
    socket.hasOpened = true
    this.#accepted = socket.token
    this.#input(machine.SOCKET_OPENED, generation)
  }

  #socketClosed(generation: number, socket: Socket, code: number, reason: string): void {
    if (!socket.hasOpened && socket.token !== this.#accepted) this.#refused = socket.token
    if (socket.untoldAt !== undefined) this.#tellReceived(generation, socket, false)
    const hint = hintIn(reason)
    if (hint) this.#hint(generation, hint)
    // It is closed, but lets go of its listeners.
    this.#closeSocket(generation, 1000)
    this.#input(machine.SOCKET_CLOSED, generation, code)
  }

  #closeSocket(generation: number, code: number): void {
    const socket = this.#sockets.get(generation)
    this.#sockets.delete(generation)
    this.#pendings.lost(generation)
    socket?.close(code)
  }

  // What goes out -------------------------------------------------------------------------------------

  #transmit(generation: number, id: number): void {
    const pending = this.#pendings.get(id)
    // Taken back meanwhile.
    if (!pending) return
    const socket = this.#sockets.get(generation)
    const hasRoom = socket && socket.bufferedAmount <= this.#settings.highWaterBytes
    pending.generation = generation
    if (!hasRoom || !socket.send(pending.text)) {
      pending.generation = undefined
      const [, bytes, key, , at] = numbersOf(pending)
      this.#input(machine.NOT_TRANSMITTED, id, bytes, key, generation, at)
      return
    }
    socket.heartbeatWasLast = false
    if (this.#largest?.generation !== generation || pending.bytes > this.#largest.bytes) {
      this.#largest = { generation, bytes: pending.bytes, text: pending.text }
    }
    this.#journal.counters.messagesSent += 1
    this.#journal.counters.bytesSent += pending.bytes
    this.#pendings.handedOver(pending)
  }

  #quarantine(): void {
    const culprit = this.#largest
    const text = `a message of ${String(culprit?.bytes)} bytes was too big for the server (close code 1009); none of that size is sent again`
    const error = new EverwireError('message-too-big', text)
    this.#later(() => this.#tellProblem(error, culprit?.text))
  }

  #probe(generation: number): void {
    const socket = this.#sockets.get(generation)
    if (!socket) return
    const id = HEARTBEAT + String(++this.#heartbeats)
    const { heartbeatMessage, idField } = this.#settings
    socket.heartbeat = { id, at: this.#now() }
    socket.heartbeatWasLast = true
    socket.send(JSON.stringify({ ...heartbeatMessage, [idField]: id }))
  }

  async #greet(generation: number): Promise<void> {
    try {
      const { hello } = this.#settings
      const greeting: unknown = await (typeof hello === 'function' ? (hello as () => unknown)() : hello)
      const text = greeting === undefined ? undefined : JSON.stringify(greeting)
      if (text !== undefined && bytesOf(text) > this.#limit.bytes) throw new Error('too big')
      const isSent = text === undefined || this.#sockets.get(generation)?.send(text)
      if (isSent) this.#input(machine.GREETED, generation)
    } catch {
      this.#input(machine.GREETING_FAILED, generation)
    }
  }

  // What comes in -------------------------------------------------------------------------------------

  /** Tells the machine when each socket was last heard, before anything else is asked of it. */
  #tellArrivals(): void {
    for (const [generation, socket] of this.#sockets) {
      const at = socket.untoldAt
      socket.untoldAt = undefined
      if (at !== undefined) this.#handle(machine.RECEIVED, generation, 0, 0, 0, at)
    }
  }

  #received(generation: number, socket: Socket, data: unknown): void {
    socket.untoldAt = this.#clock.roughly()
    const isAnswer = this.#read(generation, socket, data)
    if (isAnswer || this.#report.wantsNews) this.#tellReceived(generation, socket, isAnswer)
    this.#call()
  }

  #tellReceived(generation: number, socket: Socket, isAnswer: boolean): void {
    const at = socket.untoldAt
    socket.untoldAt = undefined
    this.#input(machine.RECEIVED, generation, isAnswer ? 1 : 0, 0, 0, at)
  }

  /** @returns whether the frame answers a heartbeat */
  #read(generation: number, socket: Socket, data: unknown): boolean {
    const { counters } = this.#journal
    counters.framesReceived += 1
    if (typeof data !== 'string') {
      this.#later(() => this.#tellProblem(problem(NOT_TEXT), data))
      return false
    }
    counters.charactersReceived += data.length
    // An empty frame is no message: some servers send it as a sign of life.
    if (!data) return false
    let message: unknown
    try {
      message = JSON.parse(data)
    } catch {
      this.#later(() => this.#tellProblem(problem(NOT_JSON), data))
      return false
    }
    if (!isObject(message)) {
      this.#later(() => this.#validation.tell(message, undefined))
      return false
    }
    const replyId = message[this.#settings.idField]
    // A late one, too, whose question has been asked again meanwhile.
    if (typeof replyId === 'string' && replyId.startsWith(HEARTBEAT)) {
      if (replyId === socket.heartbeat?.id) counters.rttMs = this.#now() - socket.heartbeat.at
      socket.heartbeat = undefined
      return true
    }
    if (isGatewayFrame(message)) return this.#gatewayFailed(socket, message)
    this.#readMessage(generation, message, replyId)
    return false
  }

  /** Gives a message to whoever waits for it, unless it came before. */
  #readMessage(generation: number, message: JsonObject, replyId: unknown): void {
    const control = takeControl(message)
    if (control) {
      this.#hint(generation, control)
      if (Object.keys(message).length === 0) return
    }
    const id = typeof control?.id === 'string' ? control.id : undefined
    if (id !== undefined && this.#seen.has(id)) {
      this.#journal.counters.duplicates += 1
    } else if (typeof replyId !== 'string' || !this.#pendings.answer(replyId, message)) {
      this.#later(() => this.#validation.tell(message, id))
    }
  }

  /** @returns whether the frame is about a heartbeat */
  #gatewayFailed(socket: Socket, frame: GatewayFrame): boolean {
    const isAboutHeartbeat = socket.heartbeatWasLast && socket.heartbeat !== undefined
    if (isAboutHeartbeat) socket.heartbeat = undefined
    // Once: a route that is missing is missing at every heartbeat.
    if (!isAboutHeartbeat || !this.#hasToldOfHeartbeat) {
      this.#later(() => this.#tellProblem(new GatewayError(frame, isAboutHeartbeat), frame))
    }
    this.#hasToldOfHeartbeat ||= isAboutHeartbeat
    return isAboutHeartbeat
  }

  /** A hint is about the connection that it comes on; one that is being replaced has no more to say. */
  #hint(generation: number, { retryAfterMs, spreadMs = 0 }: Control): void {
    if (generation !== this.#state.generation) return
    if (isMilliseconds(retryAfterMs) && isMilliseconds(spreadMs)) {
      this.#input(machine.HINT, retryAfterMs, spreadMs)
    }
  }
}

function numbersOf({ id, bytes, keyNumber, expiresAt }: Pending): [number, number, number, number, number] {
  return [id, bytes, keyNumber, 0, expiresAt]
}

/** A day at most: no server keeps its clients away for longer by mistake. */
function isMilliseconds(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 86_400_000
}
