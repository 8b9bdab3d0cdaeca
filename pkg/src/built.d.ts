// What scripts/build.mjs makes out of the Rust crate; see "How the package is built" in ARCHITECTURE.md.

declare module 'everwire:core' {
  /** The WebAssembly as scripts/package/wasm-text.mjs writes it. */
  export const text: string
  /** One character for each place in the order of bytes, then those that shift. */
  export const alphabet: string
  /** The differences between the bytes that come first in that order, as places in the alphabet. */
  export const steps: string
}

declare module 'everwire:core-js' {
  /** The same code as JavaScript: a new instance. */
  export function instantiate(): unknown
}
