// What the examples take as the reader's own.

/** Their sign-in: a fresh token. */
declare function fetchToken(): Promise<string>

/** Their interface: shows something. */
declare function show(what: unknown): void
