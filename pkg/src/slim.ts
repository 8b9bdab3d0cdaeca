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
  if (typeof wasm === 'string' || wasm instanceof URL) return compileBytes(await bytesOf(await fetch(wasm)))
  return compileBytes(wasm instanceof Response ? await bytesOf(wasm) : wasm)
}

async function bytesOf(response: Response): Promise<ArrayBuffer> {
  if (!response.ok) throw new Error(`the server answered ${String(response.status)} for the WebAssembly`)
  // A clone, so that another try finds the response unread.
  return response.clone().arrayBuffer()
}

/**
 * Not by `compileStreaming`, which insists on a MIME type that many servers do not give. What is no
 * WebAssembly is told so: it would otherwise be taken for one that the page may not compile.
 */
function compileBytes(bytes: BufferSource): Promise<WebAssembly.Module> {
  const view = ArrayBuffer.isView(bytes) ? bytes : new Uint8Array(bytes)
  const magic = String.fromCharCode(
    ...new Uint8Array(view.buffer, view.byteOffset, Math.min(4, view.byteLength)),
  )
  if (magic !== '\0asm') {
    throw new Error(
      'what setWasmSource() gave is not WebAssembly; is the URL right, and does the server have the file?',
    )
  }
  return WebAssembly.compile(bytes)
}
