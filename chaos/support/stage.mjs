import { Gateway } from '../../e2e/support/gateway.mjs'
import { startEngine } from './engines.mjs'
import { servePage } from './page.mjs'
import { Proxy } from './proxy.mjs'
import { until } from './until.mjs'

/** Everything that a test of an engine needs: the gateway behind the proxy, the page, and the browser that shows it. */
export class Stage {
  #site
  #engine
  #users = 0
  /** Runs a function in the page; its first argument is `{ url, token }`, further ones follow. */
  run

  static async start(engineName) {
    const stage = new Stage()
    try {
      stage.gateway = await Gateway.start()
      stage.#site = await servePage()
      stage.#engine = await startEngine(engineName)
    } catch (error) {
      await stage.stop()
      throw error
    }
    return stage
  }

  /** A fresh page, a proxy without faults, and a user of their own. */
  async begin() {
    await this.proxy?.stop()
    this.proxy = await Proxy.start(this.gateway.port)
    this.#users += 1
    this.user = `user-${this.#users}`
    const { accessToken: token } = await this.gateway.demo('sign-in', { user: this.user })
    const place = { url: this.proxy.url, token }
    this.run = (code, ...args) => this.#engine.run(code, place, ...args)
    await this.#engine.load(this.#site.url)
    await until(() => this.#engine.run(() => Boolean(window.chaos)), 'the page')
  }

  /** The user goes to another page, and the browser may keep this one. */
  async leave() {
    await this.#engine.load(`${this.#site.url}?elsewhere`)
  }

  /** The user goes back. Whether the browser has kept the page as it was. */
  async comeBack() {
    await this.#engine.back()
    await until(() => this.#engine.run(() => Boolean(window.chaos)), 'the page')
    return this.#engine.run(() => window.it !== undefined)
  }

  async stop() {
    await this.#engine?.close()
    await this.#site?.stop()
    await this.proxy?.stop()
    await this.gateway?.kill()
  }
}
