import { createGlue } from 'everwire:glue'
import type { Engine, Core } from './core.js'
import type { WebSocketConstructor } from './options.js'

/** What a compiled core, as WebAssembly or as JavaScript, exports. */
type Exports = Record<string, unknown>

/** What makes a new instance of the core out of its imports. */
type Instantiate = (imports: WebAssembly.Imports) => Exports

/** The engine from WebAssembly, or from JavaScript if the page may not compile WebAssembly. */
export async function engineFrom(compile: () => Promise<WebAssembly.Module>): Promise<Engine> {
  let module: WebAssembly.Module
  try {
    module = await compile()
  } catch (error) {
    if (!forbidden(error)) throw error
    const { instantiate } = await import('./core-js.js')
    return engine('js', instantiate)
  }
  return engine('wasm', (imports) => new WebAssembly.Instance(module, imports).exports)
}

/**
 * A Content-Security-Policy without `wasm-unsafe-eval` shows as a CompileError; some browsers (iOS in
 * Lockdown Mode) have no WebAssembly at all.
 */
function forbidden(error: unknown): boolean {
  return typeof WebAssembly === 'undefined' || error instanceof WebAssembly.CompileError
}

function engine(kind: Engine['kind'], instantiate: Instantiate): Engine {
  return {
    kind,
    boot(host, { url, tokenParam, knobs, WebSocket }, trapped) {
      const sockets = new Set<WebSocket>()
      // A core has one timer.
      let timer: ReturnType<typeof setTimeout> | undefined
      const arm = (handler: () => void, ms: number): unknown => (timer = setTimeout(handler, ms))
      const glue = createGlue(trackedBy(sockets, WebSocket), arm)
      const exports = instantiate({ './core_bg.js': glue })
      const onTrap = (error: unknown): void => {
        sockets.forEach(abandon)
        clearTimeout(timer)
        trapped(error)
      }
      glue.__wbg_set_wasm(guarded(exports, onTrap))
      return new glue.Core(host, url, tokenParam, knobs) as Core
    },
  }
}

/**
 * The same exports, but after the first of them has thrown none is entered again: the memory of an
 * instance that trapped in the middle of something cannot be trusted. Every way into the instance goes
 * through here, the handlers of its socket and timer included.
 */
function guarded(exports: Exports, onTrap: (error: unknown) => void): Exports {
  let dead = false
  // Once, though a trap in a nested call comes out of the outer one as well.
  const die = (error: unknown): void => {
    if (dead) return
    dead = true
    onTrap(error)
  }
  const guard =
    (enter: (...args: unknown[]) => unknown) =>
    (...args: unknown[]) => {
      if (dead) return undefined
      try {
        return enter(...args)
      } catch (error) {
        die(error)
        return undefined
      }
    }
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === 'function' ? guard(value as (...args: unknown[]) => unknown) : value,
    ]),
  )
}

/** `WebSocket`, but each socket is in `sockets` until it has closed, so that a trap leaves none behind. */
function trackedBy(sockets: Set<WebSocket>, Constructor: WebSocketConstructor): WebSocketConstructor {
  return new Proxy(Constructor, {
    construct(target, args: [string]) {
      const socket = new target(...args) as WebSocket
      sockets.add(socket)
      socket.addEventListener('close', () => sockets.delete(socket))
      // Nothing to do, but in Node an 'error' of the package ws that nobody listens to ends the process.
      socket.addEventListener('error', () => undefined)
      return socket
    },
  })
}

function abandon(socket: WebSocket): void {
  socket.onopen = socket.onmessage = socket.onclose = null
  socket.close()
}
