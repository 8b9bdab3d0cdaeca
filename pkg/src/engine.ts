import { chunk, type Engine } from './core.js'
import { Driver } from './driver.js'
import { EverwireError, textOf } from './error.js'
import type { Exports } from './machine.js'

/** Loads the same code as JavaScript. */
export type LoadJavaScript = () => Promise<{ readonly instantiate: () => unknown }>

const loadChunk: LoadJavaScript = () => chunk(() => import('./core-js.js'))

const FORBIDDEN_TEXT =
  "the page may not compile WebAssembly (its Content-Security-Policy lacks script-src 'wasm-unsafe-eval')"
const MISSING_TEXT = 'there is no WebAssembly here'

/**
 * The engine from WebAssembly, or from JavaScript where WebAssembly is forbidden or missing.
 *
 * @throws EverwireError with the code `load-failed` if neither can be had
 */
export async function engineFrom(
  compile: () => Promise<WebAssembly.Module>,
  loadJavaScript: LoadJavaScript = loadChunk,
): Promise<Engine> {
  // iOS in Lockdown Mode, some embedded browsers.
  if (typeof WebAssembly === 'undefined') return javaScriptEngine(loadJavaScript, MISSING_TEXT)
  try {
    const module = await compile()
    new WebAssembly.Instance(module)
    return engine('wasm', () => new WebAssembly.Instance(module).exports)
  } catch (error) {
    // Older browsers make no instance of more than 4 kB while a page waits for it: a RangeError.
    if (!(error instanceof WebAssembly.CompileError || error instanceof RangeError)) throw error
    return javaScriptEngine(loadJavaScript, FORBIDDEN_TEXT)
  }
}

async function javaScriptEngine(loadJavaScript: LoadJavaScript, why: string): Promise<Engine> {
  try {
    const { instantiate } = await loadJavaScript()
    return engine('js', instantiate)
  } catch (error) {
    const text = error instanceof EverwireError ? error.message : textOf(error)
    throw new EverwireError(
      'load-failed',
      `${why}, and the same code as JavaScript is not there either: ${text}`,
    )
  }
}

function engine(kind: Engine['kind'], instantiate: () => unknown): Engine {
  return { kind, boot: (host, settings) => new Driver(instantiate() as Exports, host, settings) }
}
