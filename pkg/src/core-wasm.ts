import { hex } from 'everwire:core'
import type { Engine } from './core.js'
import { engineFrom, type LoadJavaScript } from './engine.js'

/**
 * The engine from the WebAssembly that this file carries.
 *
 * @param loadJavaScript where the JavaScript comes from, should WebAssembly be forbidden; default: its own chunk
 */
export function load(loadJavaScript?: LoadJavaScript): Promise<Engine> {
  return engineFrom(() => WebAssembly.compile(bytes()), loadJavaScript)
}

// Hex, because it compresses better than base64 and works in every bundler and test runner.
function bytes(): Uint8Array<ArrayBuffer> {
  const pairs = hex.match(/../g) ?? []
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16))
}
