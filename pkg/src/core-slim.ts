import type { Engine } from './core.js'
import { engineFrom } from './engine.js'
import { compileSource, type WasmSource } from './wasm-source.js'

/** The engine from the WebAssembly that the app has named. */
export function load(source: WasmSource | undefined): Promise<Engine> {
  return engineFrom(() => compileSource(source))
}
