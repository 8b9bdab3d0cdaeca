/**
 * The same client with its core in the page's own script, as WebAssembly and as JavaScript, for where nothing
 * can be loaded later: service workers, which have no `import()`, browser extensions (MV3), pages in a single
 * file.
 *
 * @example
 * ```ts
 * import WSClient from 'everwire/eager'
 *
 * const client = new WSClient({ url: 'wss://example.com/prod', token: () => fetchToken() })
 * await client.open()
 * ```
 *
 * @module everwire/eager
 */
import { WSClient as InlineClient } from './client.js'
import { instantiate } from './core-js.js'
import { load } from './core-wasm.js'
import { once } from './core.js'
import type { ClientOptions } from './options.js'
import type { Messages } from './typed.js'

export * from './index.js'

const loadEager = once(() => load(() => Promise.resolve({ instantiate })))

/** The client whose core is there already; `open()` loads nothing. */
export class WSClient<M = Messages> extends InlineClient<M> {
  /** @throws EverwireError with the code `invalid-option` */
  constructor(options: ClientOptions<M>) {
    super(options, loadEager)
  }
}

export default WSClient
