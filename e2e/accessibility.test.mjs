// The demo page for those who see it, hear it, and use it by keyboard alone.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, afterEach, before, describe, it } from 'node:test'
import { inRoot } from '../scripts/repository.mjs'
import { launchBrowser } from './support/browser.mjs'
import { DemoPage, serveDemoPage } from './support/demo-page.mjs'
import { Gateway } from './support/gateway.mjs'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const WIDTHS = { wide: { width: 1280, height: 860 }, narrow: { width: 390, height: 844 } }
/** Where what was checked is to be seen, too. */
const pictures = inRoot('target', 'e2e', 'accessibility')

let gateway, site, browser, demo
let isGatewayDown = false

before(async () => {
  mkdirSync(pictures, { recursive: true })
  gateway = await Gateway.start()
  site = await serveDemoPage(gateway, 'accessible')
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await site?.stop()
  await gateway?.kill()
})
afterEach(async () => {
  await demo.close()
  if (isGatewayDown) await gateway.start()
  isGatewayDown = false
  assert.deepEqual(demo.complaints, [], 'the console is clean')
})

/** The page as a person sees it in each of its states. */
const STATES = {
  async 'signed out'() {
    await demo.page.getByTestId('sign-in').waitFor()
  },
  async connected() {
    await demo.signIn('alice')
    await demo.getReply()
    await gateway.push('alice', { action: 'notification', title: 'Your report is ready', body: '42 pages' })
    await demo.notified('Your report is ready')
  },
  async 'waiting for a retry'() {
    await demo.signIn('bob')
    await gateway.kill()
    isGatewayDown = true
    await demo.tells('retry 3 in')
    await demo.shows('reconnecting')
  },
  async 'panel open'() {
    await demo.signIn('carol')
    await demo.getReply()
    await demo.page.getByRole('button', { name: /^Everwire devtools/ }).click()
    const message = demo.page.getByRole('region', { name: 'Everwire devtools' }).locator('details').first()
    await message.locator('summary').click()
    await message.locator('pre').waitFor()
  },
}

for (const colorScheme of ['light', 'dark']) {
  for (const [width, viewport] of Object.entries(WIDTHS)) {
    describe(`${colorScheme} and ${width}, axe finds nothing when the page is`, () => {
      for (const [state, reach] of Object.entries(STATES)) {
        it(state, async () => {
          demo = await DemoPage.open(browser, site.url, { colorScheme, viewport, reducedMotion: 'reduce' })
          await reach()
          assert.deepEqual(await violations(), [])
          const name = [state.replaceAll(' ', '-'), colorScheme, width].join('-')
          await demo.page.screenshot({ path: `${pictures}/${name}.png` })
          const overflow = await demo.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
          assert.ok(overflow <= 0, `the page is ${overflow} px too wide`)
        })
      }
    })
  }
}

/** What axe finds against the page, shadow roots included: the rule, and where. */
async function violations() {
  await demo.page.addScriptTag({ path: axe })
  return demo.page.evaluate(async () => {
    const { violations } = await window.axe.run()
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, any }) => `${target.join(' ')} ${any[0]?.message ?? ''}`).join(', ')}`,
    )
  })
}

describe('by keyboard alone', () => {
  it('somebody signs in, sends, drops, reconnects, makes trouble, and opens and closes the devtools', async () => {
    demo = await DemoPage.open(browser, site.url)
    const { page } = demo
    await tabTo('user')
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('dave')
    await page.keyboard.press('Enter')
    await demo.shows('connected')

    await tabTo('Drop')
    await page.keyboard.press('Enter')
    await demo.tells('the connection broke')
    await tabTo('Reconnect')
    await page.keyboard.press('Space')
    await demo.shows('connected')

    await tabTo('refuse-count')
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('0')
    await page.keyboard.press('Enter')
    await page.getByText('No handshake is refused any more.').waitFor()

    await tabTo('send-action')
    await page.keyboard.press('Enter')
    await page
      .getByTestId('action-reply')
      .getByText(/"pong"/)
      .waitFor()

    await tabTo(/^Everwire devtools/)
    await page.keyboard.press('Enter')
    const panel = page.getByRole('region', { name: 'Everwire devtools' })
    await panel.getByRole('group', { name: 'Messages', exact: true }).waitFor()
    const message = panel.locator('details').first()
    await tabTo(async () => message.locator('summary').evaluate((summary) => summary.matches(':focus')))
    await page.keyboard.press('Enter')
    await message.locator('pre').waitFor()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    assert.match(await focused(), /^Everwire devtools/)

    await tabTo('sign-out')
    await page.keyboard.press('Enter')
    await page.getByTestId('sign-in').waitFor()
  })

  it('everything that can be clicked is reached, in the order in which it is seen, and shows that it has the focus', async () => {
    demo = await DemoPage.open(browser, site.url)
    await demo.signIn('erin')
    const names = []
    await demo.page.evaluate(() => document.body.focus())
    for (;;) {
      await demo.page.keyboard.press('Tab')
      const name = await focused()
      if (name === '' || names.includes(name)) break
      names.push(name)
      assert.ok(await showsFocus(), `${name} shows the focus`)
    }
    const order = [
      'Use the dark theme',
      'sign-out',
      'Drop',
      'Reconnect',
      'Rotate',
      'Close',
      'Copy explanation',
    ].concat([
      ...['refuse', 'refuse-count', 'expire-token', 'Copy', 'action-kind', 'action-message', 'send-action'],
      ...['What happened', 'Everwire devtools: connected'],
    ])
    assert.deepEqual(names, order)
  })
})

/** Presses Tab until this has the focus: an element by its test id, label or text, or whatever the function says. */
async function tabTo(wanted) {
  const hasFocus = async () => {
    if (typeof wanted === 'function') return wanted()
    const name = await focused()
    return typeof wanted === 'string' ? name === wanted : wanted.test(name)
  }
  for (let count = 0; count < 80; count += 1) {
    if (await hasFocus()) return
    await demo.page.keyboard.press('Tab')
  }
  assert.fail(`Tab does not lead to ${wanted}`)
}

/** What has the focus, in whichever shadow root: its test id, its label, or its text. */
function focused() {
  return demo.page.evaluate(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    if (!element || element === document.body) return ''
    return element.dataset.testid ?? element.getAttribute('aria-label') ?? element.textContent.trim()
  })
}

function showsFocus() {
  return demo.page.evaluate(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2
  })
}
