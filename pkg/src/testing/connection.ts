import { textOf as nameAndText } from '../error.js'
import { bytesOf, HEARTBEAT } from '../frames.js'
import { startTimer, stopTimer, type Timer } from '../time.js'
import type { Incoming, Messages, Outgoing } from '../typed.js'
import type { Rendering } from './act.js'
import type { FakeSocket } from './socket.js'

// API Gateway's limits.
const MAX_FRAME_BYTES = 32_768
const MAX_PUSH_BYTES = 131_072
const IDLE_MS = 600_000
const LIFE_MS = 7_200_000

/** How a connection is lost. */
export interface DropOptions {
  /** The close code; 1006: none, as when the network goes. @default 1006 */
  code?: number | undefined
  /** The close reason. @default '' */
  reason?: string | undefined
}

/** What a connection tells its server, and has of it. */
export interface ConnectionListener {
  readonly rendering: Rendering
  received(message: unknown): void
  /** Frames have gone to the client: what is due at once may be done. */
  pushed(): void
  ended(): void
}

/** The server's end of one socket. */
export class FakeConnection<M = Messages> {
  /** Where the client has connected to, without its token. */
  readonly url: string
  /** The messages that came, the oldest first, heartbeats left out; what is no JSON as the text that it is. */
  readonly received: Outgoing<M>[] = []
  /** How many heartbeats came. They are answered. */
  heartbeats = 0
  readonly #token: string | undefined
  readonly #socket: FakeSocket
  readonly #listener: ConnectionListener
  #end: { readonly code: number; readonly reason: string } | undefined
  #isDead = false
  #idle: Timer
  #life: Timer

  /** @internal Servers make them. */
  constructor(url: string, token: string | undefined, socket: FakeSocket, listener: ConnectionListener) {
    this.url = url
    this.#token = token
    this.#socket = socket
    this.#listener = listener
    this.#life = startTimer(this.#goAway, LIFE_MS)
    this.#isAlive()
  }

  /** The token that the client has connected with, if any. */
  get token(): string | undefined {
    return this.#token
  }

  /** Whether the server takes it for open: also when it is a {@link blackHole}. */
  get isOpen(): boolean {
    return this.#end === undefined
  }

  /** Whether it is one. */
  get isBlackHole(): boolean {
    return this.#isDead
  }

  /** How it was closed, by whichever side; `undefined` while it is open. */
  get closed(): { readonly code: number; readonly reason: string } | undefined {
    return this.#end
  }

  /** Sends messages, in order. What the app renders has been rendered then. */
  push(...messages: Incoming<M>[]): void {
    this.pushText(...messages.map(textOf))
  }

  /** The same with frames of these texts, be they JSON or not. */
  pushText(...texts: string[]): void {
    if (!this.isOpen) {
      throw new Error(
        `this connection is closed (${this.#end?.code}), and API Gateway answers 410: push to one that is open, such as the result of await server.connected()`,
      )
    }
    pushTo([this], texts, this.#listener)
  }

  /** Loses the connection: without a word (1006), or with a close code. */
  drop({ code = 1006, reason = '' }: DropOptions = {}): void {
    if (!Number.isInteger(code) || code < 1000 || code > 4999) {
      throw new Error(`${code} is no close code: give one from 1000 to 4999`)
    }
    this.#listener.rendering.inActOfTest(() => this.#lose(code, reason))
  }

  /** From now on nothing arrives any more, in neither direction, and nobody is told: a dead link. */
  blackHole(): void {
    this.#isDead = true
  }

  /** @internal A frame for the client; nothing where there is none any more. */
  bring(text: string): void {
    checkSize('this message', text)
    if (!this.isOpen) return
    this.#isAlive()
    if (!this.#isDead) this.#listener.rendering.inAct(() => this.#socket.bring(text))
  }

  /** @internal */
  receives(data: unknown): void {
    if (this.#isDead) return
    if (typeof data !== 'string') return this.#lose(1003, 'Binary is not supported')
    if (bytesOf(data) > MAX_FRAME_BYTES) return this.#lose(1009, 'Message too big')
    this.#isAlive()
    const message = parsed(data)
    const heartbeat = heartbeatIn(message)
    if (heartbeat) {
      this.heartbeats += 1
      void Promise.resolve().then(() => this.bring(textOf({ action: 'pong', ...heartbeat })))
      return
    }
    this.received.push(message as Outgoing<M>)
    this.#listener.received(message)
  }

  /** @internal */
  closes(code: number, reason: string): boolean {
    if (!this.#isDead) this.#finish(code, reason)
    return !this.#isDead
  }

  /** A frame has come or gone. */
  #isAlive(): void {
    stopTimer(this.#idle)
    this.#idle = startTimer(this.#goAway, IDLE_MS)
  }

  readonly #goAway = (): void => this.#lose(1001, 'Going away')

  #lose(code: number, reason: string): void {
    if (!this.isOpen) return
    this.#finish(code, reason)
    if (!this.#isDead) this.#listener.rendering.inAct(() => this.#socket.end(code, reason))
  }

  #finish(code: number, reason: string): void {
    if (this.#end) return
    this.#end = { code, reason }
    stopTimer(this.#idle)
    stopTimer(this.#life)
    this.#listener.ended()
  }
}

/** @internal Brings frames to clients as one step of the test, at whose end everything has been rendered. */
export function pushTo(
  connections: Pick<FakeConnection, 'bring'>[],
  texts: string[],
  { rendering, pushed }: Pick<ConnectionListener, 'rendering' | 'pushed'>,
): void {
  rendering.inActOfTest(() => {
    for (const text of texts) for (const connection of connections) connection.bring(text)
    pushed()
  })
}

/** Refuses what API Gateway would not bring to a client in one message. */
export function checkSize(what: string, text: string): void {
  const bytes = bytesOf(text)
  if (bytes <= MAX_PUSH_BYTES) return
  throw new Error(
    `${what} has ${bytes} bytes, and API Gateway takes ${MAX_PUSH_BYTES} (it answers 413): send less, or in parts`,
  )
}

/** The JSON of a message that a test gives. */
export function textOf(message: unknown): string {
  const text = jsonOf(message)
  if (text === undefined) throw new Error(`a message cannot be ${typeof message}: give what JSON can hold`)
  return text
}

function jsonOf(message: unknown): string | undefined {
  try {
    return JSON.stringify(message)
  } catch (error) {
    throw new Error(`the message is not JSON (${nameAndText(error)}): give what JSON can hold`, {
      cause: error,
    })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The member of a heartbeat that its answer repeats; the app may have named it. */
function heartbeatIn(message: unknown): Record<string, string> | undefined {
  if (typeof message !== 'object' || message === null) return undefined
  const isId = (value: unknown): boolean => typeof value === 'string' && value.startsWith(HEARTBEAT)
  const member = Object.entries(message).find(([, value]) => isId(value))
  return member && Object.fromEntries([member])
}
