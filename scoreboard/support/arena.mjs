import { Proxy } from '../../chaos/support/proxy.mjs'
import { ably } from '../servers/ably.mjs'
import { centrifuge } from '../servers/centrifuge.mjs'
import { graphql } from '../servers/graphql.mjs'
import { phoenix } from '../servers/phoenix.mjs'
import { plain } from '../servers/plain.mjs'
import { Server } from '../servers/server.mjs'
import { socketIo } from '../servers/socket-io.mjs'

const DIALECTS = { plain, graphql, centrifuge, 'socket.io': socketIo, phoenix, ably }

/** How often and how long, where a scenario is about heartbeats: their defaults would take a minute. */
export const HEARTBEAT = { everyMs: 3_000, timeoutMs: 2_000 }

/** One client in a page of its own, behind a proxy and a server of its own. Scenarios play in it. */
export class Arena {
  #wishes

  static async open({ browser, site, client }) {
    const arena = new Arena()
    try {
      arena.server = await Server.start(DIALECTS[client.speaks])
      arena.proxy = await Proxy.start(arena.server.port)
      arena.context = await browser.newContext()
      arena.page = await arena.context.newPage()
      const [adapter, variant] = client.id.split(':')
      arena.#wishes = { variant }
      arena.place = { url: arena.proxy.url, token: 'a-token' }
      arena.pageUrl = `${site.url}${adapter}/`
      await arena.load()
    } catch (error) {
      await arena.close()
      throw error
    }
    return arena
  }

  /** Loads the page: nothing is left of the client that there was. */
  async load() {
    await this.page.goto(this.pageUrl)
    await this.page.waitForFunction(() => window.score)
  }

  /** Makes the client; `where` is the page or a frame of it. */
  make(wishes = {}, where = this.page) {
    const args = [this.place, { ...this.#wishes, ...wishes }]
    return where.evaluate(([place, wishes]) => window.score.make(place, wishes), args)
  }

  /** Calls `open`, `close` or `reconnect` of the client. */
  call(method, where = this.page) {
    return where.evaluate((method) => window.it.client[method](), method)
  }

  /** Makes the client, opens it, and sees to it that it works. */
  async begin(wishes) {
    await this.make(wishes)
    await this.call('open')
    if ((await this.untilOpen(10_000)) === null) throw new Error('it did not even open')
    if (!(await this.works(5_000))) throw new Error('it did not answer')
  }

  /** How many milliseconds until it says that it is connected, or null. */
  untilOpen(withinMs, where = this.page) {
    return where.evaluate((ms) => window.score.until(() => window.it.client.isOpen, ms), withinMs)
  }

  /** When it says that it is connected, as milliseconds since 1970, or null. */
  openAt(withinMs) {
    return this.page.evaluate(async (ms) => {
      const waited = await window.score.until(() => window.it.client.isOpen, ms)
      return waited === null ? null : Date.now()
    }, withinMs)
  }

  untilNotOpen(withinMs) {
    return this.page.evaluate((ms) => window.score.until(() => !window.it.client.isOpen, ms), withinMs)
  }

  /** Whether a message gets there and its answer back, and what the server pushes comes, too. */
  async works(withinMs) {
    const id = await this.page.evaluate(async (ms) => {
      const id = `proof-${performance.now()}`
      window.it.send({ action: 'echo', id })
      return (await window.score.until(() => window.it.hears(id), ms)) === null ? undefined : id
    }, withinMs)
    if (!id) return false
    this.server.push({ proof: id })
    const heard = ([id, ms]) =>
      window.score.until(() => window.it.messages().some((message) => message?.proof === id), ms)
    return (await this.page.evaluate(heard, [id, withinMs])) !== null
  }

  send(message) {
    return this.page.evaluate((message) => void window.it.send(message), message)
  }

  /** What the client said up to now, and what of its sockets is known. */
  seen() {
    return this.page.evaluate(() => ({
      now: performance.now(),
      attempts: [...window.score.attempts],
      uncaught: [...window.score.uncaught],
      live: window.score.live(),
      events: window.it?.events ?? [],
      outcomes: window.it?.outcomes ?? [],
      tokensGiven: window.it?.tokensGiven ?? 0,
      isOpen: window.it?.client.isOpen ?? false,
    }))
  }

  async close() {
    await this.context?.close()
    await this.proxy?.stop()
    await this.server?.stop()
  }
}
