import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import { launchBrowser } from './support/browser.mjs'
import { DemoPage, serveDemoPage } from './support/demo-page.mjs'
import { Gateway } from './support/gateway.mjs'

let gateway, site, browser, demo

before(async () => {
  gateway = await Gateway.start()
  site = await serveDemoPage(gateway, 'www')
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await site?.stop()
  await gateway?.kill()
})

let user = 0
beforeEach(async () => {
  user += 1
  demo = await DemoPage.open(browser, site.url)
  await demo.signIn(`user-${user}`)
})
afterEach(async () => {
  await demo.close()
  assert.deepEqual(demo.complaints, [], 'the console is clean')
})

async function push(title) {
  const said = await gateway.push(`user-${user}`, { action: 'notification', title })
  await demo.notified(title)
  return said
}

it('shows a notification that the command line pushes', async () => {
  assert.match(await push('Hello there'), /delivered to 1 connection/)
})

it('says reconnecting, and in how many seconds, and comes back by itself', async () => {
  await gateway.kill()
  await demo.state.getByText(/^reconnecting in \d+\.\d s$/).waitFor()
  await gateway.start()
  await demo.shows('connected')
  await push('After the restart')
})

it('comes back at once when the user says so', async () => {
  await gateway.kill()
  await demo.shows('reconnecting')
  await gateway.start()
  await demo.button('Reconnect').click()
  await demo.shows('connected')
})

it('comes back after its connection was dropped', async () => {
  await demo.dropAndComeBack()
  await push('After the drop')
})

it('gets through when handshakes are refused', async () => {
  await demo.page.getByTestId('refuse-count').fill('2')
  await demo.page.getByTestId('refuse').click()
  await demo.page.getByText('The next 2 handshakes will fail.').waitFor()
  await demo.button('Drop').click()
  await demo.tells('handshake-failed')
  await demo.shows('connected')
})

it('refreshes an expired token through axios-jwt before it connects', async () => {
  const refreshed = demo.page.waitForResponse((response) => response.url().endsWith('/demo/refresh'))
  await demo.page.getByTestId('expire-token').click()
  assert.equal((await refreshed).status(), 200)
  await demo.shows('connected')
  await push('With a fresh token')
})

it('shows the reply to an action', async () => {
  await demo.getReply()
})

it('stays signed in over a reload', async () => {
  await demo.page.reload()
  await demo.shows('connected')
  await push('After the reload')
})

it('has no connection after signing out', async () => {
  await demo.page.getByTestId('sign-out').click()
  await demo.page.getByTestId('sign-in').waitFor()
  while ((await gateway.connectionsOf(`user-${user}`)) > 0);
})

it('has one connection, whatever it went through', async () => {
  await demo.dropAndComeBack()
  assert.equal(await gateway.connectionsOf(`user-${user}`), 1)
})

it('hands over to a new socket, and the user notices nothing', async () => {
  await demo.button('Rotate').click()
  await demo.tells('new socket, no gap')
  await push('after the hand-over')
  assert.equal(await demo.page.getByTestId('notifications').getByText('after the hand-over').count(), 1)
  assert.equal(await demo.timeline.getByText('the connection broke').count(), 0)
})

it('works where the browser forbids storage, until it is reloaded', async () => {
  await demo.close()
  user += 1
  demo = await DemoPage.open(browser, 'about:blank')
  await demo.page.addInitScript(() => {
    const forbid = () => {
      throw new DOMException('Access is denied for this document.', 'SecurityError')
    }
    Object.defineProperty(window, 'localStorage', { get: forbid })
  })
  await demo.page.goto(site.url)
  await demo.signIn(`user-${user}`)
  await push('Nothing is stored')
  await demo.page.getByRole('button', { name: /^Use the .* theme$/ }).click()
  await demo.page.reload()
  await demo.page.getByTestId('sign-in').waitFor()
})

it('shows no token on the page, and the gateway logs none', async () => {
  await demo.dropAndComeBack()
  await demo.page.getByRole('button', { name: /^Everwire devtools/ }).click()
  await demo.page.getByRole('region', { name: 'Everwire devtools' }).getByText('1006').first().waitFor()
  const jwt = /eyJ[\w-]+\.[\w-]+/
  const content = await demo.content()
  assert.match(content, /the connection broke/, 'with what is in shadow roots')
  assert.doesNotMatch(content, jwt)
  assert.doesNotMatch(gateway.log, jwt)
})
