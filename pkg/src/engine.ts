import type { Engine } from './core.js'
import { Driver } from './driver.js'
import type { Exports } from './machine.js'

/** Loads the same code as JavaScript. */
export type LoadJavaScript = () => Promise<{ readonly instantiate: () => unknown }>

const loadChunk: LoadJavaScript = () => import('./core-js.js')

/** The engine from WebAssembly, or from JavaScript if the page may not compile WebAssembly. */
export async function engineFrom(
  compile: () => Promise<WebAssembly.Module>,
  loadJavaScript: LoadJavaScript = loadChunk,
): Promise<Engine> {
  let module: WebAssembly.Module
  try {
    module = await compile()
  } catch (error) {
    if (!forbidden(error)) throw error
    return javaScriptEngine(loadJavaScript)
  }
  try {
    new WebAssembly.Instance(module)
  } catch (error) {
    // Older browsers make no instance of more than 4 kB while a page waits for it.
    if (!(error instanceof RangeError)) throw error
    return javaScriptEngine(loadJavaScript)
  }
  return engine('wasm', () => new WebAssembly.Instance(module).exports)
}

async function javaScriptEngine(loadJavaScript: LoadJavaScript): Promise<Engine> {
  const { instantiate } = await loadJavaScript()
  return engine('js', instantiate)
}

/**
 * A Content-Security-Policy without `wasm-unsafe-eval` shows as a CompileError; some browsers (iOS in
 * Lockdown Mode) have no WebAssembly at all.
 */
function forbidden(error: unknown): boolean {
  return typeof WebAssembly === 'undefined' || error instanceof WebAssembly.CompileError
}

function engine(kind: Engine['kind'], instantiate: () => unknown): Engine {
  return { kind, boot: (host, settings) => new Driver(instantiate() as Exports, host, settings) }
}
