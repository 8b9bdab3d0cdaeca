import type { CoreSettings } from './core.js'

/**
 * What the compiled core exports: the functions of src/npm.rs, which take and give numbers only. It imports
 * nothing.
 */
export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  knobs(): number
  start(seedLow: number, seedHigh: number): void
  handle(now: number, input: number, a: number, b: number, c: number, d: number, at: number): number
}

// What happens to a connection: `Input` in src/input.rs, by the numbers of src/npm.rs.
export const OPEN = 0
export const CLOSE = 1
export const RECONNECT = 2
export const ROTATE = 3
export const SEND = 4
export const CANCEL = 5
export const GREETED = 6
export const GREETING_FAILED = 7
export const TOKEN_READY = 8
export const TOKEN_FAILED = 9
export const TOKEN_DENIED = 10
export const SOCKET_REFUSED = 11
export const SOCKET_OPENED = 12
export const RECEIVED = 13
export const HINT = 14
export const SOCKET_CLOSED = 15
export const PAGE = 16
export const TIMEOUT = 17
export const NOT_TRANSMITTED = 18

// What is to be done about it: `Effect` in src/effect.rs.
export const REQUEST_TOKEN = 0
export const OPEN_SOCKET = 1
export const CLOSE_SOCKET = 2
export const GREET = 3
export const PROBE = 4
export const TRANSMIT = 5
export const QUARANTINE = 6
export const REFUSE = 7
export const REPORT = 8
export const OPENED = 9
export const GAVE_UP = 10
export const ANNOUNCE = 11

// What happens to the page: `PageEvent` in src/page.rs.
export const ONLINE = 0
export const OFFLINE = 1
export const VISIBLE = 2
export const HIDDEN = 3
export const RESUMED = 4
export const STORED = 5
export const SHOWN = 6

/** In the place of a number that is not there. */
export const NONE = 0xffffffff

/** A browser takes no longer time for a timer. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

/** What there is to know after an input: `Report` in src/npm.rs. */
export interface Report {
  /** When the next `TIMEOUT` is due; NaN if never. */
  readonly deadline: number
  /** What is to be done, in words. */
  readonly words: Uint32Array
  /** How many messages wait for a socket. */
  readonly queued: number
  /** Whether an arrival is to be told at once. */
  readonly wantsNews: boolean
  /** The generations whose token is waited for. */
  readonly awaitedTokens: readonly number[]
}

/** A machine, started. */
export function startMachine(exports: Exports, { knobs }: CoreSettings): void {
  new Uint32Array(exports.memory.buffer, exports.knobs(), knobs.length).set(knobs)
  const half = (): number => Math.random() * 2 ** 32
  exports.start(half(), half())
}

/** The report that lies at this address of the machine's memory. */
export function reportAt({ memory: { buffer } }: Exports, address: number): Report {
  const [deadline = NaN] = new Float64Array(buffer, address, 1)
  const [words, count, queued = 0, news, ...awaitedTokens] = new Uint32Array(buffer, address + 8, 6)
  // A copy: whoever runs them may give the machine another input meanwhile.
  return {
    deadline,
    words: new Uint32Array(buffer, words, count).slice(),
    queued,
    wantsNews: !!news,
    awaitedTokens,
  }
}
