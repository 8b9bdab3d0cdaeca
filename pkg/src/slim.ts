/**
 * The same client for those who serve the WebAssembly as a file (`everwire/core.wasm`), which is smaller
 * on the wire than the copy inside the default entry's script.
 *
 * @example
 * import WSClient, { setWasmSource } from 'everwire/slim'
 * setWasmSource('/assets/core.wasm')
 *
 * @module
 */
import { WSClient as InlineClient } from './client.js'
import { once } from './core.js'
import { EverwireError } from './error.js'
import type { ClientOptions } from './options.js'

export * from './index.js'

/** Where the WebAssembly comes from: a URL to fetch, a response, its bytes, or the compiled module. */
export type WasmSource = string | URL | Response | PromiseLike<Response> | BufferSource | WebAssembly.Module

let source: WasmSource | undefined

/** Says where the WebAssembly is. Call it once, before the first `open()`. */
export function setWasmSource(wasm: WasmSource): void {
  source = wasm
}

const loadSlim = once(async () => (await import('./core-slim.js')).load(compile))

/** The client whose core comes from {@link setWasmSource}. */
export class WSClient extends InlineClient {
  /** @throws EverwireError with the code `invalid-option` */
  constructor(options: ClientOptions) {
    super(options, loadSlim)
  }
}

export default WSClient

async function compile(): Promise<WebAssembly.Module> {
  const wasm = await source
  if (wasm === undefined) {
    throw new EverwireError('load-failed', 'everwire/slim has no WebAssembly; call setWasmSource() first')
  }
  if (wasm instanceof WebAssembly.Module) return wasm
  if (typeof wasm === 'string' || wasm instanceof URL) return compileResponse(await fetch(wasm))
  return wasm instanceof Response ? compileResponse(wasm) : WebAssembly.compile(wasm)
}

/** Not by `compileStreaming`, which insists on a MIME type that many servers do not give. */
async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw new Error(`the server answered ${String(response.status)} for the WebAssembly`)
  return WebAssembly.compile(await response.clone().arrayBuffer())
}
