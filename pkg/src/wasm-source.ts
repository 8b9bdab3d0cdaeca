import { EverwireError, textOf } from './error.js'
import type { Exports } from './machine.js'

/** The package's version: the build writes it here. */
declare const EVERWIRE_VERSION: string

/** Where the WebAssembly comes from: a URL to fetch, a response, its bytes, or the compiled module. */
export type WasmSource = string | URL | Response | PromiseLike<Response> | BufferSource | WebAssembly.Module

const REMEDY = 'serve the file everwire/core.wasm of the same version there, or give setWasmSource() its URL'

/** @throws EverwireError with the code `load-failed` that says what is wrong with the source */
export async function compileSource(given: WasmSource | undefined): Promise<WebAssembly.Module> {
  if (given === undefined) throw failure('everwire/slim has no WebAssembly; call setWasmSource() first')
  const isUrl = typeof given === 'string' || given instanceof URL
  const source = await (isUrl ? fetchFrom(given) : settled(given))
  // By what they have, not by class: Jest's jsdom has no Response, and another realm has other classes.
  if (isModule(source)) return checked(source)
  if ('arrayBuffer' in source) return compileResponse(source)
  return compileBytes(source, 'what setWasmSource() was given')
}

async function fetchFrom(url: string | URL): Promise<Response> {
  try {
    return await fetch(url)
  } catch (error) {
    throw failure(
      `${named(String(url))} could not be fetched (${textOf(error)}): is the URL right, is the network there, and do CORS and the Content-Security-Policy's connect-src allow it?`,
    )
  }
}

async function settled<T>(source: T | PromiseLike<T>): Promise<T> {
  try {
    return await source
  } catch (error) {
    throw failure(
      `the promise that setWasmSource() was given is rejected (${textOf(error)}); with a URL each open() tries anew`,
    )
  }
}

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const name = named(response.url)
  if (!response.ok) throw failure(`the server answered ${String(response.status)} for ${name}; ${REMEDY}`)
  let bytes: ArrayBuffer
  try {
    // A clone, so that another try finds the response unread.
    bytes = await response.clone().arrayBuffer()
  } catch (error) {
    throw failure(`${name} did not come whole (${textOf(error)}); open() tries again`)
  }
  return compileBytes(bytes, name)
}

/** Not by `compileStreaming`, which insists on a MIME type that many servers do not give. */
async function compileBytes(bytes: BufferSource, name: string): Promise<WebAssembly.Module> {
  try {
    return checked(await WebAssembly.compile(bytes))
  } catch (error) {
    // Also what a Content-Security-Policy that forbids WebAssembly does with good bytes.
    if (!(error instanceof WebAssembly.CompileError) || WebAssembly.validate(bytes)) throw error
    const view = ArrayBuffer.isView(bytes) ? bytes : new Uint8Array(bytes)
    const first = new Uint8Array(view.buffer, view.byteOffset, Math.min(4, view.byteLength))
    const isPage = first[0] === 0x3c // '<'
    const what = isPage ? 'is no WebAssembly but an HTML page' : 'is not WebAssembly, or not all of it'
    throw failure(`${name} ${what}; ${REMEDY}`)
  }
}

function isModule(source: object): source is WebAssembly.Module {
  return Object.prototype.toString.call(source) === '[object WebAssembly.Module]'
}

/** A record, so that the compiler misses a name that is added. */
const CALLED: Record<keyof Exports, true> = {
  memory: true,
  knobs: true,
  start: true,
  handle: true,
}

/** Of another version or project, a module would fail only later, in a machine that seems to be at fault. */
function checked(module: WebAssembly.Module): WebAssembly.Module {
  const version = versionOf(module)
  if (version !== undefined && version !== EVERWIRE_VERSION)
    throw failure(
      `core.wasm is of everwire ${version}, the script of ${EVERWIRE_VERSION}: serve the file of the same version (a copy in a cache?)`,
    )
  const names = new Set(WebAssembly.Module.exports(module).map(({ name }) => name))
  if (!Object.keys(CALLED).every((name) => names.has(name)))
    throw failure(`what setWasmSource() gave is the WebAssembly of something else; ${REMEDY}`)
  if (version === undefined)
    throw failure(
      `core.wasm does not say of which version it is (did a tool remove its custom section "everwire"?); ${REMEDY}`,
    )
  return module
}

/** What the build has written into core.wasm, which is ASCII: jsdom has no TextDecoder. */
function versionOf(module: WebAssembly.Module): string | undefined {
  const [section] = WebAssembly.Module.customSections(module, 'everwire')
  return section && String.fromCharCode(...new Uint8Array(section))
}

/** A URL without what may be secret in it. */
function named(url: string): string {
  return url.replace(/[?#].*/s, '') || 'the WebAssembly'
}

function failure(text: string): EverwireError {
  return new EverwireError('load-failed', text)
}
