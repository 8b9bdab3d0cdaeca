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

/** The text of `Problem::Closed`, for the time before the core is loaded. */
export const CLOSED_TEXT = 'the client is closed; call open() first'

/**
 * What somebody else's error says, without whatever in it looks like a token: anything of 20 or more
 * characters of base64url with dots, as in a JWT or an opaque refresh token.
 */
export function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.replace(/[\w.~+/=-]{20,}/g, '[redacted]')
}
