import type { Cause, ConnectionState, Status } from './state.js'

/** One change of a connection's state. It holds no token, no URL and no message. */
export interface Transition {
  /** When, in milliseconds since 1970. */
  readonly at: number
  /** The status before. */
  readonly from: Status
  /** The status after. */
  readonly to: Status
  /** Why, for a program. */
  readonly cause: Cause | undefined
  /** Why, for a person. */
  readonly why: string
}

/** What a client has gone through since it was made. */
export interface Counters {
  /** Handshakes begun. */
  readonly attempts: number
  /** Open sockets that were lost. */
  readonly drops: number
  /** Sockets that took over from another without a gap. */
  readonly handOvers: number
  /** Messages handed to a socket; heartbeats are not counted. */
  readonly messagesSent: number
  /** The bytes of those, as UTF-8. */
  readonly bytesSent: number
  /** Frames that came, heartbeats' answers among them. */
  readonly framesReceived: number
  /** The characters of those. */
  readonly charactersReceived: number
  /** Messages that arrived twice and were dispatched once. */
  readonly duplicates: number
  /** How long the answer to the last heartbeat took, in milliseconds. */
  readonly rttMs: number | undefined
  /** Messages that wait for a socket. */
  readonly queued: number
  /** Bytes that the open sockets have been given and have not sent. */
  readonly bufferedAmount: number
}

/** What `client.explain()` gives. */
export interface Explanation {
  /** Where the connection stands. */
  readonly state: ConnectionState
  /** The last 50 changes, the latest at the end. */
  readonly transitions: readonly Transition[]
  /** What was counted since the client was made. */
  readonly counters: Counters
  /** All of it as lines for a person. */
  toString(): string
}
