/** What can go wrong, by the name that a program tells it by. */
export type ProblemCode =
  // Of the connection: `Problem` in src/error.rs.
  | 'token-failed'
  | 'token-timed-out'
  | 'unauthorized'
  | 'url-too-long'
  | 'handshake-failed'
  | 'handshake-timed-out'
  | 'socket-refused'
  | 'server-refused'
  | 'attempts-exhausted'
  | 'greeting-failed'
  | 'heartbeat-unanswered'
  | 'not-json'
  | 'not-text'
  | 'message-too-big'
  | 'outbox-full'
  | 'superseded'
  | 'expired'
  | 'cancelled'
  | 'closed'
  // Of this package around it.
  | 'invalid-option'
  | 'not-configured'
  | 'not-serializable'
  | 'load-failed'
  | 'core-trapped'
  | 'gateway-error'
  | 'inbox-full'
  | 'timed-out'
  | 'outcome-unknown'

/**
 * Why a handshake seems to have failed; browsers do not tell.
 *
 * - `offline`: there is no network
 * - `auth-suspect`: the token has expired, or was refused before; a fresh one is asked for
 * - `throttled`: the server has said that it sees too many clients
 * - `server-down`: none of these
 */
export type HandshakeDiagnosis = 'offline' | 'auth-suspect' | 'throttled' | 'server-down'

/** Every error of this package: `code` for a program, `message` for a person. It never holds a token. */
export class EverwireError extends Error {
  override readonly name: string = 'EverwireError'
  /** What went wrong, for a program. */
  readonly code: ProblemCode
  /** With `handshake-failed`: the likeliest reason. */
  readonly diagnosis: HandshakeDiagnosis | undefined

  constructor(code: ProblemCode, message: string, diagnosis?: HandshakeDiagnosis) {
    super(message)
    this.code = code
    this.diagnosis = diagnosis
  }
}

/** API Gateway itself has answered a message with an error frame. The connection lives on. */
export class GatewayError extends EverwireError {
  override readonly name = 'GatewayError'
  /** What it says, such as `Forbidden` (no route for the message) or `Internal server error` (its handler failed). */
  readonly gatewayMessage: string
  /** Which connection API Gateway says it was: a text such as `XDmENcnwIE0CFEQ=`. */
  readonly connectionId: string
  /** To be looked up in the logs of the API; `undefined` where a model refused the message. */
  readonly requestId: string | undefined

  constructor(
    { message, connectionId, requestId }: { message: string; connectionId: string; requestId?: string },
    isAboutHeartbeat: boolean,
  ) {
    super(
      'gateway-error',
      `API Gateway says: ${message}${isAboutHeartbeat ? ' (to a heartbeat: give the API a route for heartbeatMessage, or set heartbeatMs to 0)' : ''}`,
    )
    this.gatewayMessage = message
    this.connectionId = connectionId
    this.requestId = requestId
  }
}

// Texts of `Problem` and `Why` in src/ that are needed here.
export const CLOSED_TEXT = 'the client is closed; call open() first'
export const OPEN_CALLED_TEXT = 'open() was called'
export const CLOSE_CALLED_TEXT = 'close() was called'

/** What kind of error something is, without its message, which may hold a secret. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/** What an error says; only for errors that cannot know of a token, or are for the app alone. */
export function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error
}
