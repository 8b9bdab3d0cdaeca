import { WSClient } from './client.js'
import { EverwireError } from './error.js'
import { checkNumber, type ClientOptions, type TokenFunction } from './options.js'
import { startTimer, stopTimer, type Timer } from './time.js'

/** What a shared client is made with. */
export interface SharedOptions extends ClientOptions {
  /**
   * How long the client stays open after the last component that uses it has gone, in milliseconds: a
   * change of page need not cost a new connection. It is the same client for the next user, too: when
   * a user signs out, call `client.close()`. @default 1000
   */
  lingerMs?: number | undefined
  /**
   * Whose connection it is, an id for instance: another user is another client, so that nobody gets what is
   * meant for whoever signed in before. @default one for all
   */
  user?: string | undefined
  /** The class of the client: that of `everwire/slim` or `everwire/eager`. @default that of `everwire` */
  Client?: (new (options: ClientOptions) => WSClient) | undefined
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

  constructor({ lingerMs = LINGER_MS, Client = WSClient, ...options }: SharedOptions) {
    this.#lingerMs = checkNumber('lingerMs', lingerMs, 0, MAX_LINGER_MS)
    this.#token = options.token
    this.client = new Client({ ...options, token: (context) => this.#token?.(context) })
  }

  /** Uses the token function of the latest render; none leaves the one that is there. */
  fetchTokensWith(token: TokenFunction | undefined): void {
    this.#token = token ?? this.#token
  }

  /** Says that `use()` will follow: what is sent until then waits. */
  expect(): void {
    // Or it would close what `use()` takes for open.
    stopTimer(this.#closing)
    this.client.expectOpen()
  }

  /** Opens the client for one more component; the result says that this component has gone. */
  use(): () => void {
    stopTimer(this.#closing)
    this.#users += 1
    // When all effects of this render have run: whoever listens to the client in one of them hears of
    // everything, and whoever closes it has closed it.
    queueMicrotask(() => this.client.openExpected(this.#users > 0))
    return () => {
      this.#users -= 1
      if (this.#users === 0) this.#closing = startTimer(this.client.dispose, this.#lingerMs)
    }
  }
}

let configured: SharedOptions | undefined

const clients = new Map<string, Shared>()

/**
 * Says once, at start-up, what the page's client is made with. Calling it again changes the token function
 * of a client that is there, and everything for a URL or user that is new.
 */
export function configure(options: SharedOptions): void {
  configured = options
  clients.get(keyOf(options))?.fetchTokensWith(options.token)
}

/**
 * The page's client for a URL and a user; made at the first call. On a server each call makes its own, so that
 * no request sees the token function of another.
 *
 * What `configure()` gave holds for its URL only: its token is for nobody else.
 *
 * @throws EverwireError `not-configured` where nothing says which URL, `invalid-option`
 */
export function shared(options: Partial<SharedOptions>): Shared {
  const url = options.url ?? configured?.url
  if (url === undefined) {
    throw new EverwireError(
      'not-configured',
      'url is missing: call configure({ url, token }) once, put a <WebSocketProvider url token> around the component, or give url to useWebSocketClient',
    )
  }
  const base = configured && hrefOf(configured.url) === hrefOf(url) ? configured : undefined
  const all = { ...base, ...given(options), url }
  const key = keyOf(all)
  const known = clients.get(key)
  if (known) return known
  const made = new Shared(all)
  if (typeof window !== 'undefined') clients.set(key, made)
  return made
}

function keyOf({ url, user = '' }: SharedOptions): string {
  return `${hrefOf(url)} ${user}`
}

/** URLs that mean the same are one. What is no URL is told so by the client. */
function hrefOf(url: string | URL): string {
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
