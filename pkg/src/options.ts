import { EverwireError } from './error.js'

/** What a token function is given. */
export interface TokenContext {
  /** Aborted when nobody waits for this token any more: a timeout, `close()`, `reconnect()`. */
  readonly signal: AbortSignal
}

/**
 * Gives a fresh token; called once for every attempt to connect. `null`, `undefined` or an empty
 * string connect without a token. Throwing or rejecting fails the attempt, and the next calls again.
 */
export type TokenFunction = (
  context: TokenContext,
) => string | null | undefined | Promise<string | null | undefined>

/** A class that constructs sockets: a browser's `WebSocket`, or that of the package ws in Node. */
export type WebSocketConstructor = new (url: string) => {
  readonly readyState: number
  send(data: string): void
  close(code?: number): void
}

/** How a client is made. */
export interface ClientOptions {
  /** Where to connect: a `ws:` or `wss:` URL. Its query is kept, a fragment is dropped. */
  url: string | URL
  /** Gives a fresh token for every attempt. @default none: the URL is used as it is */
  token?: TokenFunction | undefined
  /** The query parameter that carries the token. @default 'token' */
  tokenParam?: string | undefined
  /** How long the token function may take, in milliseconds. @default 10000 */
  tokenTimeoutMs?: number | undefined
  /** How long a handshake may take, in milliseconds. @default 15000 */
  handshakeTimeoutMs?: number | undefined
  /**
   * The longest wait before the first retry, in milliseconds; doubled after each further failure. The
   * wait itself is drawn at random between half of this and the ceiling so reached. @default 1000
   */
  firstRetryMs?: number | undefined
  /** The longest wait before any retry, in milliseconds. @default 30000 */
  maxRetryMs?: number | undefined
  /**
   * How long a socket must stay open, in milliseconds, before the waits start from `firstRetryMs`
   * again. @default 10000
   */
  stableAfterMs?: number | undefined
  /** How many messages may wait while there is no socket; one more is refused. @default 256 */
  maxQueuedMessages?: number | undefined
  /** What constructs the sockets. @default the global `WebSocket` */
  WebSocket?: WebSocketConstructor | undefined
}

/** Default, least and greatest value, in the order in which the core takes them: `KNOBS` in src/config.rs. */
const KNOBS = {
  tokenTimeoutMs: [10_000, 1, 3_600_000],
  handshakeTimeoutMs: [15_000, 1, 3_600_000],
  firstRetryMs: [1_000, 1, 3_600_000],
  maxRetryMs: [30_000, 1, 3_600_000],
  stableAfterMs: [10_000, 0, 3_600_000],
  maxQueuedMessages: [256, 0, 65_536],
} as const

/** Options that have been checked. */
export interface CheckedOptions {
  readonly url: string
  readonly token: TokenFunction | undefined
  readonly tokenParam: string
  readonly knobs: Uint32Array
  readonly firstRetryMs: number
  readonly WebSocket: WebSocketConstructor | undefined
}

/** Checks an app's options; throws an {@link EverwireError} that names the option and the remedy. */
export function check(options: ClientOptions): CheckedOptions {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw invalid('options', 'must be an object such as { url, token }')
  }
  const { token, tokenParam = 'token', firstRetryMs = KNOBS.firstRetryMs[0] } = options
  if (token !== undefined && typeof token !== 'function') {
    throw invalid('token', 'must be a function that gives a token or a promise of one')
  }
  if (typeof tokenParam !== 'string' || tokenParam === '') {
    throw invalid('tokenParam', 'must be the name of a query parameter')
  }
  if (options.WebSocket !== undefined && typeof options.WebSocket !== 'function') {
    throw invalid('WebSocket', 'must be a WebSocket class')
  }
  return {
    url: checkUrl(options.url),
    token,
    tokenParam,
    knobs: Uint32Array.from(checkKnobs(options)),
    firstRetryMs,
    WebSocket: options.WebSocket,
  }
}

/** The URL's text never goes into an error: it may hold a secret. */
function checkUrl(url: string | URL | undefined): string {
  let parsed
  try {
    parsed = new URL(String(url))
  } catch {
    throw invalid('url', 'is not a valid URL; give one such as wss://example.com/prod')
  }
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') {
    throw invalid('url', `must begin with ws: or wss:, not ${parsed.protocol}`)
  }
  return parsed.href
}

function checkKnobs(options: ClientOptions): number[] {
  const names = Object.keys(KNOBS) as (keyof typeof KNOBS)[]
  const values = names.map((name) => {
    const [preset, min, max] = KNOBS[name]
    const value = options[name] ?? preset
    if (!Number.isInteger(value) || value < min || value > max) {
      throw invalid(name, `must be a whole number from ${String(min)} to ${String(max)}`)
    }
    return value
  })
  const { firstRetryMs = KNOBS.firstRetryMs[0], maxRetryMs = KNOBS.maxRetryMs[0] } = options
  if (firstRetryMs > maxRetryMs) {
    throw invalid('firstRetryMs', `must not be greater than maxRetryMs (${String(maxRetryMs)})`)
  }
  return values
}

function invalid(name: string, rule: string): EverwireError {
  return new EverwireError('invalid-option', `${name} ${rule}`)
}
