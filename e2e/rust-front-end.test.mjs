import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import { buildSite, site as built } from '../examples/yew/build.mjs'
import { CONNECTION_LOST, launchBrowser, openPage } from './support/browser.mjs'
import { Gateway } from './support/gateway.mjs'
import { serve } from './support/site.mjs'

let gateway, site, browser, tab, page

before(async () => {
  buildSite()
  gateway = await Gateway.start()
  site = await serve({ '/': built })
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
  await page.goto(`${site.url}?gateway=${gateway.origin}`)
  await page.getByTestId('user').fill(`rust-${user}`)
  await page.getByTestId('sign-in').click()
  await shows('connected')
})
afterEach(async () => {
  await tab.close()
  assert.deepEqual(tab.complaints, [], 'the console is clean')
})

/** Settles when the page says that it is in this state. */
async function shows(word) {
  await page.getByTestId('status').getByText(word, { exact: true }).waitFor()
}

async function push(title) {
  await gateway.push(`rust-${user}`, { action: 'notification', title })
  await page.getByTestId('notifications').getByText(title).waitFor()
}

it('shows a notification that is pushed', async () => {
  await push('Hello from the server')
})

it('sends a message and shows the reply', async () => {
  await page.getByTestId('echo-text').fill('round trip')
  await page.getByTestId('echo').click()
  await page.getByTestId('echo-reply').getByText('The server says: round trip').waitFor()
})

it('comes back after the gateway was killed and started again', async () => {
  await push('Before')
  await gateway.kill()
  await shows('reconnecting')
  await page.getByTestId('countdown').filter({ hasText: /\d s/ }).waitFor()
  await page.getByTestId('echo').click()
  await gateway.start()
  await shows('connected')
  await push('After')
  assert.equal(await page.getByTestId('notifications').locator('li').count(), 2)
  assert.equal(await gateway.connectionsOf(`rust-${user}`), 1)
})

it('has no connection after signing out, since nobody holds the client any more', async () => {
  await page.getByTestId('sign-out').click()
  await page.getByTestId('sign-in').waitFor()
  while ((await gateway.connectionsOf(`rust-${user}`)) > 0);
})
