import { EverwireError } from './error.js'
import type { Incoming, Messages } from './typed.js'
import type { StandardSchema } from './validation.js'

/** What a token function is given. */
export interface TokenContext {
  /** Aborted when nobody waits for this token any more: a timeout, `close()`, `reconnect()`. */
  readonly signal: AbortSignal
  /** Whether a token from a cache will not do: the last one is suspected of having been refused. */
  readonly refresh: boolean
}

/**
 * Gives a fresh token; called once for every attempt to connect. `null`, `undefined` or an empty
 * string connect without a token. Throwing or rejecting fails the attempt, and the next calls again; but an
 * error named `UnauthorizedError` says that the user may not connect, and the client stays closed until
 * `open()`.
 */
export type TokenFunction = (
  context: TokenContext,
) => string | null | undefined | Promise<string | null | undefined>

/** A class that constructs sockets: a browser's `WebSocket`, or that of the package ws in Node. */
export type WebSocketConstructor = new (url: string) => {
  readonly readyState: number
  readonly bufferedAmount?: number
  send(data: string): void
  close(code?: number): void
}

/** One line of a client's log. It holds no token, no URL and no message. */
export interface LogEntry {
  /** `warn` for what went wrong, `info` for the rest. */
  readonly level: 'info' | 'warn'
  /** What has happened, for a person. */
  readonly text: string
  /** The same for a program: a `Transition` or an `EverwireError`. */
  readonly about: object
}

/** How a client is made. */
export interface ClientOptions<M = Messages> {
  /** Where to connect: a `ws:` or `wss:` URL. Its query is kept, a fragment is dropped. */
  url: string | URL
  /** Gives a fresh token for every attempt. @default none: the URL is used as it is */
  token?: TokenFunction | undefined
  /** The query parameter that carries the token. @default 'token' */
  tokenParam?: string | undefined
  /**
   * The service at the other end: `api-gateway` has the limits below, `generic` has none (every limit 0) and
   * no heartbeat, unless they are given. @default 'api-gateway'
   */
  profile?: 'api-gateway' | 'generic' | undefined

  /** How long the token function may take, in milliseconds. @default 10000 */
  tokenTimeoutMs?: number | undefined
  /** How long a handshake may take, in milliseconds. @default 15000 */
  handshakeTimeoutMs?: number | undefined
  /** The longest wait before the first retry, in milliseconds; doubled after each further failure. @default 1000 */
  firstRetryMs?: number | undefined
  /**
   * The longest wait before any retry while the page is visible, in milliseconds: reached after a quarter of an hour,
   * half of it after a minute or two. @default 100000
   */
  maxRetryMs?: number | undefined
  /** The longest wait before any retry while nobody looks at the page, in milliseconds. @default 300000 */
  hiddenMaxRetryMs?: number | undefined
  /** The longest wait after an expired token was refused though it had been refreshed, in milliseconds. @default 300000 */
  authRetryMs?: number | undefined
  /**
   * How long a socket must stay open, in milliseconds, before the waits start from `firstRetryMs`
   * again. @default 10000
   */
  stableAfterMs?: number | undefined
  /** How many attempts in a row may fail before the client closes; 0: any number. @default 0 */
  maxAttempts?: number | undefined

  /**
   * How long a socket may be silent, in milliseconds, before it is asked for a sign of life; 0: never. Any
   * frame is one. @default 30000
   */
  heartbeatMs?: number | undefined
  /** The same while nobody looks at the page. @default 240000 */
  hiddenHeartbeatMs?: number | undefined
  /**
   * How long the answer may take, in milliseconds. After a fifth of it the socket is asked again; where the last
   * heartbeat was answered sooner than that, two fifths without an answer are enough to give the socket up. A fifth
   * is at least a second here, or half of the whole if that is less. @default 10000
   */
  heartbeatTimeoutMs?: number | undefined
  /**
   * Whether a heartbeat without an answer means a dead socket from the start. Otherwise only once this server
   * has answered one. @default false
   */
  heartbeatRequired?: boolean | undefined
  /** The message that asks; it gets an id, and the answer has the same. @default { action: 'ping' } */
  heartbeatMessage?: object | undefined

  /** How long the service lets a socket live, in milliseconds; 0: for ever. @default 7200000 */
  maxLifeMs?: number | undefined
  /** How long the service lets a socket be silent, in milliseconds; 0: for ever. @default 600000 */
  idleLimitMs?: number | undefined
  /**
   * How long before the end of its life a socket is replaced by another one, in milliseconds, at the most;
   * the moment is drawn between a third of this and all of it. @default 900000
   */
  rotateEarlyMs?: number | undefined
  /** How long before its token expires a socket is replaced, in milliseconds; 0: not for that. @default 0 */
  rotateBeforeExpiryMs?: number | undefined
  /** How long a replaced socket may go on bringing messages and answers, in milliseconds. @default 30000 */
  drainMs?: number | undefined

  /** The longest URL, token included, in characters; 0: any. @default 4096 */
  maxUrlLength?: number | undefined
  /** The largest message, in bytes of UTF-8; 0: any. @default 131072 */
  maxMessageBytes?: number | undefined
  /**
   * The largest frame, in bytes; 0: any. Browsers send a message in one frame, so this is the limit in
   * practice. @default 32768
   */
  maxFrameBytes?: number | undefined

  /** How many messages may wait while there is no socket. @default 256 */
  maxQueuedMessages?: number | undefined
  /** How many bytes may wait while there is no socket. @default 1048576 */
  maxQueuedBytes?: number | undefined
  /** How long a message may wait for a socket, in milliseconds; 0: as long as it takes. @default 0 */
  maxQueuedMs?: number | undefined
  /** What happens when the queue is full: the new message is refused, or the oldest make room. @default 'refuse' */
  overflow?: 'refuse' | 'drop-oldest' | undefined
  /** Messages wait while a socket still has more bytes than this to send. @default 1048576 */
  highWaterBytes?: number | undefined

  /**
   * Close codes after which the client stays closed: codes, or ranges with both ends included; at most 8.
   * @default 4400 to 4499 without 4408, 4425 and 4429
   */
  finalCloseCodes?: readonly (number | readonly [from: number, to: number])[] | undefined
  /** A message, or what makes one, that goes before all others on every socket. @default none */
  hello?: unknown
  /** The member of a message by which an answer names what it answers. @default 'id' */
  idField?: string | undefined
  /** The member of a message that `on()` looks at. @default 'action' */
  actionField?: string | undefined
  /**
   * Checks every message that is dispatched: zod, valibot, arktype or another Standard Schema. What it makes of a
   * message must be what the app has declared as `incoming`. Answers to `request()` go to whoever asked as they
   * are. @default none
   */
  schema?: StandardSchema<Incoming<M>> | undefined
  /** Is told what the client does. @default none */
  log?: ((entry: LogEntry) => void) | undefined
  /** What constructs the sockets. @default the global `WebSocket` */
  WebSocket?: WebSocketConstructor | undefined
}

/** Default, least and greatest value, in the order in which the core takes them: `KNOBS` in src/config.rs. */
const KNOBS = {
  tokenTimeoutMs: [10_000, 1, 3_600_000],
  handshakeTimeoutMs: [15_000, 1, 3_600_000],
  firstRetryMs: [1_000, 1, 3_600_000],
  maxRetryMs: [100_000, 1, 3_600_000],
  hiddenMaxRetryMs: [300_000, 1, 3_600_000],
  authRetryMs: [300_000, 1, 3_600_000],
  stableAfterMs: [10_000, 0, 3_600_000],
  maxAttempts: [0, 0, 1_073_741_824],
  heartbeatMs: [30_000, 0, 3_600_000],
  hiddenHeartbeatMs: [240_000, 0, 3_600_000],
  heartbeatTimeoutMs: [10_000, 1, 3_600_000],
  heartbeatRequired: [0, 0, 1],
  maxLifeMs: [7_200_000, 0, 86_400_000],
  idleLimitMs: [600_000, 0, 86_400_000],
  rotateEarlyMs: [900_000, 1, 86_400_000],
  rotateBeforeExpiryMs: [0, 0, 86_400_000],
  drainMs: [30_000, 0, 3_600_000],
  maxUrlLength: [4_096, 0, 1_073_741_824],
  maxMessageBytes: [131_072, 0, 1_073_741_824],
  maxFrameBytes: [32_768, 0, 1_073_741_824],
  maxQueuedMessages: [256, 0, 65_536],
  maxQueuedBytes: [1_048_576, 0, 1_073_741_824],
  maxQueuedMs: [0, 0, 86_400_000],
  dropOldest: [0, 0, 1],
  greets: [0, 0, 1],
} as const satisfies Record<string, readonly [number, number, number]>

/** What the profile `generic` does not have. */
const GENERIC = {
  heartbeatMs: 0,
  maxLifeMs: 0,
  idleLimitMs: 0,
  maxUrlLength: 0,
  maxMessageBytes: 0,
  maxFrameBytes: 0,
}

const FINAL_CLOSE_CODES = [
  [4400, 4407],
  [4409, 4424],
  [4426, 4428],
  [4430, 4499],
] as const

const MAX_RANGES = 8

/** Options that have been checked. */
export interface CheckedOptions extends Pick<
  ClientOptions<unknown>,
  'token' | 'hello' | 'schema' | 'log' | 'WebSocket'
> {
  readonly url: string
  readonly tokenParam: string
  readonly idField: string
  readonly actionField: string
  readonly heartbeatMessage: Record<string, unknown>
  readonly highWaterBytes: number
  readonly maxQueuedMessages: number
  readonly maxMessageBytes: number
  readonly maxFrameBytes: number
  readonly firstRetryMs: number
  readonly maxQueuedMs: number
  /** The knobs and the ranges of final close codes, as src/npm.rs takes them. */
  readonly knobs: Uint32Array
}

/** Checks an app's options; throws an {@link EverwireError} that names the option and the remedy. */
export function check(options: ClientOptions<unknown>): CheckedOptions {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw invalid('options', 'must be an object such as { url, token }')
  }
  const { token, hello, schema, log, WebSocket } = options
  const { tokenParam = 'token', idField = 'id', actionField = 'action' } = options
  const { heartbeatMessage = { action: 'ping' }, highWaterBytes = 1_048_576 } = options
  const functions = { token: 'function', log: 'function', WebSocket: 'WebSocket class' }
  for (const [name, kind] of Object.entries(functions)) {
    const value = options[name as keyof typeof functions]
    if (value !== undefined && typeof value !== 'function') throw invalid(name, `must be a ${kind}`)
  }
  for (const [name, value] of Object.entries({ tokenParam, idField, actionField })) {
    if (typeof value !== 'string' || value === '') {
      throw invalid(name, `must be the name of a ${name === 'tokenParam' ? 'query parameter' : 'member'}`)
    }
  }
  if (schema && typeof (schema as Partial<StandardSchema>)['~standard']?.validate !== 'function') {
    throw invalid('schema', 'must be a Standard Schema, as zod and valibot make them')
  }
  checkNumber('highWaterBytes', highWaterBytes, 0, 1_073_741_824)
  const url = checkUrl(options.url)
  const values = checkKnobs(options)
  const { firstRetryMs, maxQueuedMs, maxQueuedMessages, maxMessageBytes, maxFrameBytes } = values
  const knobs = Uint32Array.from([...Object.values(values), ...checkCloseCodes(options)])
  const limits = { highWaterBytes, maxQueuedMs, maxQueuedMessages, maxMessageBytes, maxFrameBytes }
  const names = { tokenParam, idField, actionField, firstRetryMs, ...limits }
  const heartbeat = checkHeartbeat(heartbeatMessage)
  return { token, hello, schema, log, WebSocket, url, knobs, heartbeatMessage: heartbeat, ...names }
}

/** A copy, so that nothing which is done to the message later can fail when it is sent. */
function checkHeartbeat(message: unknown): Record<string, unknown> {
  try {
    const text = JSON.stringify(message)
    if (text.startsWith('{')) return JSON.parse(text) as Record<string, unknown>
  } catch {
    // As what is no object.
  }
  throw invalid('heartbeatMessage', "must be an object that JSON can hold, such as { action: 'ping' }")
}

/** The URL's text never goes into an error: it may hold a secret. */
export function checkUrl(url: string | URL | undefined): string {
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

type Knobs = Record<keyof typeof KNOBS, number>

function checkKnobs(options: ClientOptions<unknown>): Knobs {
  const { profile = 'api-gateway', overflow = 'refuse', heartbeatRequired = false, hello } = options
  checkChoice('profile', profile, ['api-gateway', 'generic'])
  checkChoice('overflow', overflow, ['refuse', 'drop-oldest'])
  checkChoice('heartbeatRequired', heartbeatRequired, [true, false])
  const given: Partial<Record<string, unknown>> = {
    ...options,
    heartbeatRequired: Number(heartbeatRequired),
    dropOldest: Number(overflow === 'drop-oldest'),
    greets: Number(hello !== undefined),
  }
  const presets: Partial<Knobs> = profile === 'generic' ? GENERIC : {}
  const values = Object.entries(KNOBS).map(([name, [preset, min, max]]) => {
    const value = given[name] ?? presets[name as keyof Knobs] ?? preset
    return [name, checkNumber(name, value, min, max)]
  })
  const knobs = Object.fromEntries(values) as Knobs
  if (knobs.firstRetryMs > knobs.maxRetryMs) {
    throw invalid('firstRetryMs', `must not be greater than maxRetryMs (${String(knobs.maxRetryMs)})`)
  }
  return knobs
}

/** Ranges as `to << 16 | from`. */
function checkCloseCodes({ finalCloseCodes = FINAL_CLOSE_CODES }: ClientOptions<unknown>): number[] {
  if (!Array.isArray(finalCloseCodes) || finalCloseCodes.length > MAX_RANGES) {
    throw invalid(
      'finalCloseCodes',
      `must be an array of at most ${String(MAX_RANGES)} close codes or ranges`,
    )
  }
  const packed = finalCloseCodes.map((code: unknown) => {
    const [from, to] = (Array.isArray(code) ? code : [code, code]) as [number, number]
    const areWhole = Number.isInteger(from) && Number.isInteger(to)
    if (!areWhole || from < 1000 || from > to || to > 4999) {
      throw invalid(
        'finalCloseCodes',
        'must be close codes from 1000 to 4999, or ranges such as [4400, 4499]',
      )
    }
    return from + to * 65_536
  })
  return [...packed, ...Array<number>(MAX_RANGES - packed.length).fill(0)]
}

export function checkNumber(name: string, value: unknown, min: number, max: number): number {
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    throw invalid(name, `must be a whole number from ${String(min)} to ${String(max)}`)
  }
  return value as number
}

export function checkChoice(name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value)) throw invalid(name, `must be one of ${choices.join(', ')}`)
}

function invalid(name: string, rule: string): EverwireError {
  return new EverwireError('invalid-option', `${name} ${rule}`)
}
