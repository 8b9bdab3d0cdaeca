import { WSClient } from './client.js'
import { EverwireError } from './error.js'
import type { ClientOptions, TokenFunction } from './options.js'
import { startTimer, stopTimer, type Timer } from './time.js'

/** What a shared client is made with. */
export interface SharedOptions extends ClientOptions {
  /**
   * How long the client stays open after the last component that uses it has gone, in milliseconds: a
   * change of page need not cost a new connection. It is the same client for the next user, too: when
   * a user signs out, call `client.close()`. @default 1000
   */
  lingerMs?: number | undefined
}

const LINGER_MS = 1000
const MAX_LINGER_MS = 3_600_000

/** A client, and the components that use it. */
export class Shared {
  readonly client: WSClient
  #token: TokenFunction | undefined
  readonly #lingerMs: number
  #users = 0
  #closing: Timer

  constructor({ lingerMs = LINGER_MS, ...options }: SharedOptions) {
    if (!Number.isInteger(lingerMs) || lingerMs < 0 || lingerMs > MAX_LINGER_MS) {
      throw new EverwireError(
        'invalid-option',
        `lingerMs must be a whole number from 0 to ${String(MAX_LINGER_MS)}`,
      )
    }
    this.#lingerMs = lingerMs
    this.#token = options.token
    this.client = new WSClient({ ...options, token: (context) => this.#token?.(context) })
  }

  /** Uses the token function of the latest render; none leaves the one that is there. */
  fetchTokensWith(token: TokenFunction | undefined): void {
    this.#token = token ?? this.#token
  }

  /** Opens the client for one more component; the result says that this component has gone. */
  use(): () => void {
    stopTimer(this.#closing)
    this.#users += 1
    // When all effects of this render have run: whoever listens to the client in one of them hears
    // of everything.
    queueMicrotask(() => {
      if (this.#users > 0) void this.client.open()
    })
    return () => {
      this.#users -= 1
      if (this.#users === 0) this.#closing = startTimer(this.client.dispose, this.#lingerMs)
    }
  }
}

let configured: SharedOptions | undefined

const byUrl = new Map<string, Shared>()

/**
 * Says once, at start-up, what the page's client is made with. Calling it again changes the token function
 * of a client that is there, and everything for a URL that is new.
 */
export function configure(options: SharedOptions): void {
  configured = options
  byUrl.get(keyOf(options.url))?.fetchTokensWith(options.token)
}

/** Whether {@link configure} was called. */
export function isConfigured(): boolean {
  return configured !== undefined
}

/**
 * The page's client for a URL; made at the first call. On a server each call makes its own, so that no
 * request sees the token function of another.
 *
 * What `configure()` gave holds for its URL only: its token is for nobody else.
 *
 * @throws EverwireError `invalid-option`
 */
export function shared(options: Partial<SharedOptions>): Shared {
  const url = options.url ?? configured?.url
  if (url === undefined) {
    throw new EverwireError(
      'invalid-option',
      'url is missing: call configure({ url, token }) once, or give it to the hook',
    )
  }
  const key = keyOf(url)
  const known = byUrl.get(key)
  if (known) return known
  const base = configured && keyOf(configured.url) === key ? configured : undefined
  const made = new Shared({ ...base, ...given(options), url })
  if (typeof window !== 'undefined') byUrl.set(key, made)
  return made
}

/** URLs that mean the same are one. What is no URL is told so by the client. */
function keyOf(url: string | URL): string {
  try {
    return new URL(url).href
  } catch {
    return String(url)
  }
}

/** The options that are not `undefined`, which would hide the configured ones. */
function given(options: Partial<SharedOptions>): Partial<SharedOptions> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
