import type { EverwireError } from './error.js'
import type { ConnectionState } from './state.js'

/** The type of the event that a message arrives in; the name is the original client's. */
export const WEBSOCKET_EVENT = 'onwebsocketmessage'

/** A message has arrived. */
export class WSEvent<T = unknown> extends Event {
  /** The message: the frame's text, parsed as JSON. */
  readonly message: T

  constructor(message: T) {
    super(WEBSOCKET_EVENT)
    this.message = message
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
  /** The frame that was not understood (`not-json`, `not-text`), else `undefined`. */
  readonly data: unknown

  constructor(error: EverwireError, data?: unknown) {
    super('error')
    this.error = error
    this.data = data
  }
}

/** The events of a client by their types, for `addEventListener`. */
export interface WSClientEventMap {
  onwebsocketmessage: WSEvent
  statechange: StateChangeEvent
  error: ProblemEvent
}
