import { once } from 'node:events'
import { createServer } from 'node:net'
import { Link } from './link.mjs'

/**
 * A TCP proxy on loopback with faults to order; it knows nothing of frames. Faults: `faults.mjs`.
 *
 * `counts`: connections accepted so far, live now, live at one time at most, and handshakes, which are connections
 * whose first bytes ask for a WebSocket (browsers also connect on spec, and say nothing). Answers are those of the
 * server, whether or not they get through.
 */
export class Proxy {
  counts = { accepted: 0, live: 0, maxLive: 0, handshakes: 0, answers: 0 }
  #target
  #server
  #links = new Set()
  /** Faults for connections to come, one for each. */
  #next = []
  #always

  /** In front of the server at this port of loopback. */
  static async start(targetPort) {
    const proxy = new Proxy()
    proxy.#target = { host: '127.0.0.1', port: Number(targetPort) }
    await proxy.#listen(0)
    proxy.url = `ws://127.0.0.1:${proxy.port}/dev`
    return proxy
  }

  async #listen(port) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = this.#server.address().port
  }

  #accept(client) {
    const { counts } = this
    counts.accepted += 1
    counts.live += 1
    counts.maxLive = Math.max(counts.maxLive, counts.live)
    const link = new Link(client, this.#target, {
      fault: this.#next.shift() ?? this.#always,
      onHandshake: () => (counts.handshakes += 1),
      onAnswer: () => (counts.answers += 1),
      onClientGone: () => (counts.live -= 1),
      onGone: () => this.#links.delete(link),
    })
    this.#links.add(link)
  }

  /** A fault for each of the next so many connections. */
  next(count, fault) {
    this.#next.push(...Array(count).fill(fault))
  }

  /** A fault for every connection from now on. */
  always(fault) {
    this.#always = fault
  }

  /** A fault for all connections that are live. */
  live(fault) {
    for (const link of this.#links) fault(link)
  }

  /** Nobody listens any more: ECONNREFUSED. Connections that are live stay. */
  async refuse() {
    if (!this.#server.listening) return
    const server = this.#server
    // Not waited for: it ends with the last live connection.
    server.close()
    await untilUnbound(server)
  }

  /** No fault any more, neither ordered nor at work; what was held back comes late. */
  async heal() {
    this.#next = []
    this.#always = undefined
    for (const link of this.#links) link.heal()
    if (!this.#server.listening) await this.#listen(this.port)
  }

  async stop() {
    this.live((link) => link.reset())
    await this.refuse()
  }
}

/** `close()` unbinds the port in the same turn; `listening` says so. */
async function untilUnbound(server) {
  while (server.listening) await new Promise((turn) => setImmediate(turn))
}
