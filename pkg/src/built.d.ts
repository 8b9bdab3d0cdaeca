// What scripts/build.mjs makes out of the Rust crate; see "How the package is built" in ARCHITECTURE.md.

declare module 'everwire:glue' {
  /** wasm-bindgen's glue as a factory, so that each client has an instance of its own, and its own globals. */
  export function createGlue(
    WebSocket: new (url: string) => object,
    setTimeout: (handler: () => void, ms: number) => unknown,
  ): {
    __wbg_set_wasm(exports: Record<string, unknown>): void
    Core: new (host: object, url: string, tokenParam: string, knobs: Uint32Array) => object
  }
}

declare module 'everwire:core' {
  /** The WebAssembly, two hexadecimal digits a byte. */
  export const hex: string
}

declare module 'everwire:core-js' {
  /** The same code as JavaScript. */
  export function instantiate(imports: WebAssembly.Imports): Record<string, unknown>
}
