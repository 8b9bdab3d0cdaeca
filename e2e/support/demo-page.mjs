import { build } from 'vite'
import { inRoot } from '../../scripts/repository.mjs'
import { CONNECTION_LOST, openPage } from './browser.mjs'
import { serve } from './site.mjs'

/** Builds the demo page for a gateway, into a folder of its own below target/e2e, and serves it. */
export async function serveDemoPage(gateway, name) {
  const outDir = inRoot('target', 'e2e', name)
  process.env.VITE_GATEWAY = gateway.endpoint
  await build({ root: inRoot('www'), logLevel: 'error', build: { outDir, emptyOutDir: true } })
  return serve({ '/': outDir })
}

/** The demo page in a tab of its own. */
export class DemoPage {
  #tab

  /** @param options of the tab, as Playwright's `newContext` takes them */
  static async open(browser, url, options = {}) {
    const demo = new DemoPage()
    demo.#tab = await openPage(browser, { expected: CONNECTION_LOST, ...options })
    demo.page = demo.#tab.page
    await demo.page.goto(url)
    return demo
  }

  async signIn(user) {
    await this.page.getByTestId('user').fill(user)
    await this.page.getByTestId('sign-in').click()
    await this.shows('connected')
  }

  /** Where the page says how the connection stands, and what it did. */
  get state() {
    return this.page.locator('.connection').getByRole('group', { name: 'State' })
  }

  get timeline() {
    return this.page.locator('.timeline').getByRole('group', { name: 'Timeline' })
  }

  /** A button of the connection: Drop, Reconnect, Rotate, … */
  button(name) {
    return this.page.locator('.connection').getByRole('button', { name, exact: true })
  }

  /** Settles when the page says that it is in this state. */
  async shows(word) {
    await this.state
      .getByText(new RegExp(`^${word}( in [\\d.]+ s)?$`))
      .first()
      .waitFor()
  }

  /** Settles when the timeline tells of this. */
  async tells(text) {
    await this.timeline.getByText(text).first().waitFor()
  }

  async notified(title) {
    await this.page.getByTestId('notifications').getByText(title).waitFor()
  }

  async dropAndComeBack() {
    await this.button('Drop').click()
    await this.tells('the connection broke')
    await this.shows('connected')
  }

  /** Sends what echoes, and waits until the reply is shown. */
  async getReply() {
    await this.page.getByTestId('action-message').fill('{"action":"echo","text":"round trip"}')
    await this.page.getByTestId('send-action').click()
    await this.page
      .getByTestId('action-reply')
      .getByText(/round trip/)
      .waitFor()
  }

  /** All that the page holds, with what is in shadow roots. */
  content() {
    return this.page.evaluate(() => {
      const contentOf = (root) => {
        const inner = [...root.querySelectorAll('*')].flatMap(({ shadowRoot }) => shadowRoot ?? [])
        return [root.innerHTML, ...inner.map(contentOf)].join('\n')
      }
      return contentOf(document.documentElement)
    })
  }

  /** What its console has said that it should not. */
  get complaints() {
    return this.#tab.complaints
  }

  close() {
    return this.#tab.close()
  }
}
