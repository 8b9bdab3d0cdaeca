import { alphabet, steps, text } from 'everwire:core'
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

// Written by scripts/package/wasm-text.mjs: an alphabet whose last characters shift to the rarer bytes.
function bytes(): Uint8Array<ArrayBuffer> {
  const places = new Map(Array.from(alphabet, (character, place) => [character, place]))
  const at = (character: string): number => places.get(character) ?? 0
  let last = -1
  const order = new Set(Array.from(steps, (step) => (last += at(step))))
  const { size } = order
  for (let byte = 0; byte < 256; byte += 1) order.add(byte)
  const inOrder = [...order]
  let shift = 0
  const found: number[] = []
  for (const character of text) {
    const place = at(character)
    if (place >= size) shift = (place - size + 1) * size
    else {
      found.push(inOrder[place + shift] ?? 0)
      shift = 0
    }
  }
  return Uint8Array.from(found)
}
