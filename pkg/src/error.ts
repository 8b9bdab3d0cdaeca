/** What can go wrong, by the name that a program tells it by. */
export type ProblemCode =
  // Of the connection: `Problem` in src/error.rs.
  | 'token-failed'
  | 'token-timed-out'
  | 'handshake-failed'
  | 'handshake-timed-out'
  | 'socket-refused'
  | 'server-refused'
  | 'not-json'
  | 'not-text'
  | 'outbox-full'
  | 'closed'
  // Of this package around it.
  | 'invalid-option'
  | 'not-serializable'
  | 'load-failed'
  | 'core-trapped'

/** Every error of this package: `code` for a program, `message` for a person. It never holds a token. */
export class EverwireError extends Error {
  override readonly name = 'EverwireError'
  readonly code: ProblemCode

  constructor(code: ProblemCode, message: string) {
    super(message)
    this.code = code
  }
}

// Texts of the core that are needed before it is loaded: `Problem::Closed`, `Why::Opened` and `Why::Closed`.
export const CLOSED_TEXT = 'the client is closed; call open() first'
export const OPEN_CALLED_TEXT = 'open() was called'
export const CLOSE_CALLED_TEXT = 'close() was called'

/** What kind of error something is, without its message, which may hold a secret. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/** What an error says; only for errors that cannot know of a token. */
export function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error
}
