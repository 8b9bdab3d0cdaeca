import assert from 'node:assert/strict'
import { brotliCompressSync } from 'node:zlib'
import { inlinedText } from '../../scripts/package/core.mjs'

/** How the WebAssembly begins, as the package carries it. */
const CORE = inlinedText().slice(0, 100)

/**
 * The files with the core that a page asks for. They are held back until `release()`: a page that shows itself
 * before has not the core among what it starts with.
 */
export class HeldCore {
  #files = []
  #release
  #released = new Promise((resolve) => (this.#release = resolve))

  static async of(page) {
    const core = new HeldCore()
    // Of the context: workers ask for files, too.
    await page.context().route('**/*', (route) => core.#pass(route))
    return core
  }

  async #pass(route) {
    if (route.request().resourceType() !== 'script') return route.continue()
    const text = await (await route.fetch()).text()
    if (text.includes(CORE)) {
      this.#files.push(text)
      await this.#released
    }
    // From the server once more, not from here: to Chromium a worker whose script came from nowhere is no neighbour
    // of a gateway on loopback.
    await route.continue()
  }

  release = () => this.#release()

  assertOne() {
    const copies = this.#files.map((text) => text.split(CORE).length - 1)
    assert.deepEqual(copies, [1], 'copies of the core in each file that has it')
  }

  /** How many bytes the file with the core has when it is compressed by Brotli. */
  get brotli() {
    return brotliCompressSync(this.#files[0]).length
  }
}
