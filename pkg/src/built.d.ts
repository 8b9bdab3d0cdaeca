// What scripts/build.mjs makes out of the Rust crate; see "How the package is built" in ARCHITECTURE.md.

declare module 'everwire:core' {
  /** The WebAssembly, two hexadecimal digits a byte. */
  export const hex: string
}

declare module 'everwire:core-js' {
  /** The same code as JavaScript: a new instance. */
  export function instantiate(): unknown
}
