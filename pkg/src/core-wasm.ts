import { hex } from 'everwire:core'
import type { Engine } from './core.js'
import { engineFrom } from './engine.js'

/** The engine from the WebAssembly that this file carries. */
export function load(): Promise<Engine> {
  return engineFrom(() => WebAssembly.compile(bytes()))
}

// Hex, because it compresses better than base64 and works in every bundler and test runner.
function bytes(): Uint8Array<ArrayBuffer> {
  const pairs = hex.match(/../g) ?? []
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16))
}
