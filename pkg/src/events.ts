import type { Sent } from './delivery.js'
import type { EverwireError } from './error.js'
import type { ConnectionState } from './state.js'

/** The type of the event that a message arrives in; the name is the original client's. */
export const WEBSOCKET_EVENT = 'onwebsocketmessage'

/** A message has arrived. */
export class WSEvent<T = unknown> extends Event {
  /** The message: the frame's text, parsed as JSON. */
  readonly message: T
  /** The id that the server gave the message, so that it arrives once; see PROTOCOL.md. */
  readonly id: string | undefined

  constructor(message: T, id?: string) {
    super(WEBSOCKET_EVENT)
    this.message = message
    this.id = id
  }
}

/** What listens to {@link WEBSOCKET_EVENT}. */
export type WSEventHandler<T = unknown> = (event: WSEvent<T>) => void

/** The connection's state has changed. */
export class StateChangeEvent extends Event {
  /** The state now: what `client.state` gives, too. */
  readonly state: ConnectionState
  /** The state before. */
  readonly previous: ConnectionState

  constructor(state: ConnectionState, previous: ConnectionState) {
    super('statechange')
    this.state = state
    this.previous = previous
  }
}

/** Something went wrong. The connection lives on or tries again, unless its state says `closed`. */
export class ProblemEvent extends Event {
  /** What went wrong, and what to do about it. */
  readonly error: EverwireError
  /** The frame (`not-json`, `not-text`, `gateway-error`) or message (`message-too-big`) it is about, if any. */
  readonly data: unknown

  constructor(error: EverwireError, data?: unknown) {
    super('error')
    this.error = error
    this.data = data
  }
}

/** A message has arrived that the option `schema` does not accept. It is dispatched in no other event. */
export class InvalidEvent extends Event {
  /** What is wrong with it, as the schema says. */
  readonly issues: readonly { readonly message: string }[]
  /** The message as it came. */
  readonly data: unknown

  constructor(issues: readonly { readonly message: string }[], data: unknown) {
    super('invalid')
    this.issues = issues
    this.data = data
  }
}

/**
 * A socket is open again after one was lost: what the server sent in between may have been missed, so fetch
 * what matters anew. A hand-over has no gap.
 */
export class GapEvent extends Event {
  /** For how long nothing was heard, in milliseconds. */
  readonly ms: number
  /** The state in which the last socket was lost: `cause`, `why` and `closeCode` say why. */
  readonly lost: ConnectionState

  constructor(ms: number, lost: ConnectionState) {
    super('gap')
    this.ms = ms
    this.lost = lost
  }
}

/** The app has called `send()` or `request()`. A heartbeat and the option `hello` are no message of the app's. */
export class OutgoingEvent extends Event {
  /** The message as it was given: without the id that it gets for its answer. */
  readonly message: unknown
  /** What becomes of it: `sent.state` up to now, and the last of its states when it settles. */
  readonly sent: Sent

  constructor(message: unknown, sent: Sent) {
    super('outgoing')
    this.message = message
    this.sent = sent
  }
}

/** The events of a client by their types, for `addEventListener`. */
export interface WSClientEventMap {
  /** A message has arrived. */
  onwebsocketmessage: WSEvent
  /** The state has changed. */
  statechange: StateChangeEvent
  /** Something went wrong. */
  error: ProblemEvent
  /** A message has arrived that the option `schema` does not accept. */
  invalid: InvalidEvent
  /** A socket is open again after one was lost. */
  gap: GapEvent
  outgoing: OutgoingEvent
}
