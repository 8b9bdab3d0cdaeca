import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import { build } from 'vite'
import { CONNECTION_LOST, launchBrowser, openPage } from './support/browser.mjs'
import { Gateway } from './support/gateway.mjs'
import { serve } from './support/site.mjs'

const outDir = new URL('../target/e2e/www', import.meta.url).pathname

let gateway, site, browser, tab, page

before(async () => {
  gateway = await Gateway.start()
  process.env.VITE_GATEWAY = gateway.endpoint
  const root = new URL('../www', import.meta.url).pathname
  await build({ root, logLevel: 'error', build: { outDir, emptyOutDir: true } })
  site = await serve({ '/': outDir })
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await site?.stop()
  await gateway?.kill()
})

let user = 0
beforeEach(async () => {
  tab = await openPage(browser, { expected: CONNECTION_LOST })
  page = tab.page
  user += 1
  await page.goto(site.url)
  await page.getByTestId('user').fill(`user-${user}`)
  await page.getByTestId('sign-in').click()
  await shows('connected')
})
afterEach(async () => {
  await tab.close()
  assert.deepEqual(tab.complaints, [], 'the console is clean')
})

/** Settles when the page says that it is in this state. */
async function shows(word) {
  await page
    .getByTestId('status')
    .filter({ hasText: new RegExp(`^\\s*${word}\\b`) })
    .waitFor()
}

async function dropAndComeBack() {
  await page.getByTestId('drop').click()
  await page.getByTestId('timeline').getByText('the connection broke').first().waitFor()
  await shows('connected')
}

async function push(title) {
  const said = await gateway.push(`user-${user}`, { action: 'notification', title })
  await page.getByTestId('notifications').getByText(title).waitFor()
  return said
}

it('shows a notification that the command line pushes', async () => {
  assert.match(await push('Hello there'), /delivered to 1 connection/)
})

it('says reconnecting, and in how many seconds, and comes back by itself', async () => {
  await gateway.kill()
  await shows('reconnecting')
  await page.getByTestId('countdown').filter({ hasText: /\d/ }).waitFor()
  await gateway.start()
  await shows('connected')
  await push('After the restart')
})

it('comes back at once when the user says so', async () => {
  await gateway.kill()
  await shows('reconnecting')
  await gateway.start()
  await page.getByTestId('reconnect').click()
  await shows('connected')
})

it('comes back after its connection was dropped', async () => {
  await dropAndComeBack()
  await push('After the drop')
})

it('gets through when handshakes are refused', async () => {
  await page.getByTestId('refuse-count').fill('2')
  await page.getByTestId('refuse').click()
  await page.getByTestId('drop').click()
  await page
    .getByTestId('timeline')
    .getByText(/handshake/i)
    .first()
    .waitFor()
  await shows('connected')
})

it('refreshes an expired token through axios-jwt before it connects', async () => {
  const refreshed = page.waitForResponse((response) => response.url().endsWith('/demo/refresh'))
  await page.getByTestId('expire-token').click()
  assert.equal((await refreshed).status(), 200)
  await shows('connected')
  await push('With a fresh token')
})

it('shows the reply to an action', async () => {
  await page.getByTestId('action-message').fill('{"action":"echo","text":"round trip"}')
  await page.getByTestId('send-action').click()
  await page
    .getByTestId('action-reply')
    .getByText(/round trip/)
    .waitFor()
})

it('stays signed in over a reload', async () => {
  await page.reload()
  await shows('connected')
  await push('After the reload')
})

it('has no connection after signing out', async () => {
  await page.getByTestId('sign-out').click()
  await page.getByTestId('sign-in').waitFor()
  while ((await gateway.connectionsOf(`user-${user}`)) > 0);
})

it('has one connection, whatever it went through', async () => {
  await dropAndComeBack()
  assert.equal(await gateway.connectionsOf(`user-${user}`), 1)
})

it('hands over to a new socket, and the user notices nothing', async () => {
  await page.getByTestId('rotate').click()
  await page.getByTestId('timeline').getByText('new socket, no gap').waitFor()
  await push('after the hand-over')
  assert.equal(await page.getByTestId('notifications').getByText('after the hand-over').count(), 1)
  assert.equal(await page.getByTestId('timeline').getByText('the connection broke').count(), 0)
})

it('shows no token on the page, and the gateway logs none', async () => {
  await dropAndComeBack()
  const jwt = /eyJ[\w-]+\.[\w-]+/
  assert.doesNotMatch(await page.content(), jwt)
  assert.doesNotMatch(gateway.log, jwt)
})
