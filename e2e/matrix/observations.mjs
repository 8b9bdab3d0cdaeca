/** What is looked for in an app, in this order, and the heading of its column. */
export const COLUMNS = {
  rendered: 'rendered',
  connected: 'connected',
  message: 'message shown',
  reconnected: 'reconnected',
  clean: 'console clean',
  core: 'core once, lazily',
}

/** What was seen of an app: the first thing that is not as it should be ends it. */
export class Observations {
  #seen = new Set()
  /** @type {{ what: string, error: Error } | undefined} */
  problem

  /** Looks for one thing; nothing any more after a problem. */
  async see(what, look) {
    if (this.problem) return
    try {
      await look()
      this.#seen.add(what)
    } catch (error) {
      this.problem = { what, error }
    }
  }

  /** ✓ seen, ✗ not seen, – not looked for. */
  mark(what) {
    if (this.problem?.what === what) return '✗'
    return this.#seen.has(what) ? '✓' : '–'
  }
}
