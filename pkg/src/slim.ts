/**
 * The same client for those who serve the WebAssembly as a file (`everwire/core.wasm`), which is smaller
 * on the wire than the copy inside the default entry's script.
 *
 * @example
 * ```ts
 * import WSClient, { setWasmSource } from 'everwire/slim'
 *
 * setWasmSource('/assets/core.wasm')
 * const client = new WSClient({ url: 'wss://example.com/prod', token: () => fetchToken() })
 * await client.open()
 * ```
 *
 * @module everwire/slim
 */
import { WSClient as InlineClient } from './client.js'
import { chunk, once } from './core.js'
import type { ClientOptions } from './options.js'
import type { Messages } from './typed.js'
import type { WasmSource } from './wasm-source.js'

export * from './index.js'
export type { WasmSource } from './wasm-source.js'

let source: WasmSource | undefined

/**
 * Says where the WebAssembly is. Call it once, before the first `open()`.
 *
 * @param wasm a URL is fetched anew by each `open()` until one succeeds; its server may give any MIME type
 */
export function setWasmSource(wasm: WasmSource): void {
  source = wasm
}

const loadSlim = once(async () => (await chunk(() => import('./core-slim.js'))).load(source))

/** The client whose core comes from {@link setWasmSource}. */
export class WSClient<M = Messages> extends InlineClient<M> {
  /** @throws EverwireError with the code `invalid-option` */
  constructor(options: ClientOptions<M>) {
    super(options, loadSlim)
  }
}

export default WSClient
