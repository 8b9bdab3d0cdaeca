import type { Delivery } from './delivery.js'
import { EverwireError, textOf, type ProblemCode } from './error.js'
import type { Explanation } from './explanation.js'
import type { CheckedOptions, WebSocketConstructor } from './options.js'
import type { ConnectionState } from './state.js'

/** One client's core: the machine in an instance of its own, and what runs its effects. */
export interface Core {
  open(): void
  close(): void
  reconnect(): void
  rotate(): void
  /** Loses the open sockets. */
  drop(): void
  send(message: Outgoing): void
  explain(): Explanation
  /** How many messages wait for a socket. */
  readonly queued: number
  /** How many bytes the open sockets have been given and have not sent. */
  readonly bufferedAmount: number
}

/** A message on its way out. */
export interface Outgoing {
  /** The message as JSON. */
  readonly text: string
  readonly delivery: Delivery
  /** The id by which an answer is known, where one is waited for. */
  readonly replyId: string | undefined
  /** Called with the answer. */
  readonly answered: ((reply: unknown) => void) | undefined
  readonly key: string | undefined
  readonly ttlMs: number | undefined
  readonly timeoutMs: number | undefined
  readonly signal: AbortSignal | undefined
}

/** A call of the app's token function. */
export interface TokenFetch {
  readonly token: Promise<string | undefined>
  readonly abort: () => void
}

/** What a core calls. */
export interface Host {
  fetchToken(isRefresh: boolean): TokenFetch
  /** The state is now this. Calls nobody. */
  setState(state: ConnectionState, reconnectMs: number): void
  /** Tells the app that it has changed. */
  tellState(state: ConnectionState, previous: ConnectionState): void
  tellMessage(message: unknown, id: string | undefined): void
  tellProblem(error: EverwireError, data: unknown): void
  tellInvalid(issues: readonly { readonly message: string }[], message: unknown): void
  tellGap(ms: number, lost: ConnectionState): void
  opened(): void
  gaveUp(code: ProblemCode, text: string): void
  /** The machine has trapped; the core is dead and holds nothing any more. */
  trapped(error: unknown): void
}

/** The Rust code, loaded: as WebAssembly, or translated to JavaScript where that is forbidden. */
export interface Engine {
  readonly kind: 'wasm' | 'js'
  /** A new core in an instance of its own, so that a trap ends no other. */
  boot(host: Host, settings: CoreSettings): Core
}

/** What a core is made with. */
export interface CoreSettings extends CheckedOptions {
  readonly WebSocket: WebSocketConstructor
  /** The token that was asked for while the core was being loaded. */
  readonly firstToken: TokenFetch | undefined
}

/** Loads the engine. A failure is not remembered: calling again tries again. */
export type LoadEngine = () => Promise<Engine>

/** `load` once, for all that ask, until it fails. */
export function once(load: LoadEngine): LoadEngine {
  let loading: Promise<Engine> | undefined
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
}

/**
 * A chunk of this package.
 *
 * @throws EverwireError with the code `load-failed` that says what to do, if it does not come
 */
export async function chunk<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const remedy =
      'ServiceWorkerGlobalScope' in globalThis
        ? "a service worker has no import(), so import from 'everwire/eager' there"
        : 'is the network there, and this build still on the server? open() tries again, in older browsers after a reload'
    throw new EverwireError('load-failed', `its script did not come (${textOf(error)}); ${remedy}`)
  }
}
