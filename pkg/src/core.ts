import type { ProblemCode } from './error.js'
import type { WebSocketConstructor } from './options.js'
import type { Cause, Status } from './state.js'

/** One client's core: the Rust struct `Core` in src/browser/npm.rs. */
export interface Core {
  open(): void
  close(): void
  reconnect(): void
  send(message: number, text: string): void
  tokenReady(generation: number, token: string | undefined): void
  tokenFailed(generation: number): void
  free(): void
}

/** What a core calls: `JsHost` in src/browser/npm.rs. No method may throw. */
export interface Host {
  requestToken(generation: number): void
  message(message: unknown): void
  announce(
    status: Status,
    attempt: number,
    retryInMs: number,
    ceilingMs: number,
    cause: Cause,
    why: string,
    closeCode: number,
  ): void
  report(code: ProblemCode, text: string, data: unknown): void
  opened(): void
  gaveUp(code: ProblemCode, text: string): void
  transmitted(message: number): void
  refused(message: number, code: ProblemCode, text: string): void
}

/** The Rust code, loaded: as WebAssembly, or translated to JavaScript where that is forbidden. */
export interface Engine {
  readonly kind: 'wasm' | 'js'
  /** A new core in an instance of its own, so that a trap ends no other. `trapped` is called at most once. */
  boot(host: Host, settings: CoreSettings, trapped: (error: unknown) => void): Core
}

/** What a core is made with. */
export interface CoreSettings {
  readonly url: string
  readonly tokenParam: string
  readonly knobs: Uint32Array
  readonly WebSocket: WebSocketConstructor
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
