import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import { CONNECTION_LOST, launchBrowser, openPage } from './support/browser.mjs'
import { bundlePage } from './support/bundle.mjs'
import { Gateway } from './support/gateway.mjs'
import { serve } from './support/site.mjs'

let gateway, site, browser, tab, page

before(async () => {
  gateway = await Gateway.start()
  site = await serve({ '/': await bundlePage('hook-page') })
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
  tab = await openPage(browser, { expected: CONNECTION_LOST })
  page = tab.page
  await page.addInitScript(countSocketsAndListeners)
  await page.goto(site.url)
  const { accessToken } = await gateway.demo('sign-in', { user: `user-${user}` })
  await page.evaluate(([url, token]) => window.hooks.start(url, token), [gateway.url, accessToken])
  await page.locator('output').waitFor()
})
afterEach(async () => {
  await tab.close()
  assert.deepEqual(tab.complaints, [], 'the console is clean')
})

/** Runs in the page before anything else. */
function countSocketsAndListeners() {
  const Native = window.WebSocket
  window.sockets = []
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args)
      window.sockets.push(this)
    }
  }
  window.listeners = { onwebsocketmessage: 0, statechange: 0 }
  for (const [method, change] of [
    ['addEventListener', 1],
    ['removeEventListener', -1],
  ]) {
    const original = EventTarget.prototype[method]
    EventTarget.prototype[method] = function (type, ...rest) {
      if (type in window.listeners) window.listeners[type] += change
      return original.call(this, type, ...rest)
    }
  }
}

const mount = (...names) => page.evaluate((names) => window.hooks.mount(...names), names)
const status = (word) => page.locator('output').filter({ hasText: word }).waitFor()
const liveSockets = () =>
  page.evaluate(() => window.sockets.filter(({ readyState }) => readyState < 2).length)
const allSockets = () => page.evaluate(() => window.sockets.length)
const listeners = () => page.evaluate(() => window.listeners.onwebsocketmessage)

async function push(title, count) {
  await gateway.push(`user-${user}`, { title })
  await page.waitForFunction((count) => window.hooks.heard.length >= count, count)
  return page.evaluate(() => window.hooks.heard)
}

/** Pushes as soon as the user is connected. */
async function pushUntilHeard(title) {
  while ((await gateway.connectionsOf(`user-${user}`)) === 0);
  await page.evaluate(() => (window.hooks.heard.length = 0))
  return push(title, 1)
}

it('one component in StrictMode makes one socket', async () => {
  await mount('a')
  await status('open')
  assert.equal(await allSockets(), 1)
  assert.equal(await listeners(), 1)
})

it('all components of a page share one client', async () => {
  await mount('a', 'b', 'c')
  await status('open')
  assert.equal(await allSockets(), 1)
  assert.equal(await page.evaluate(() => window.hooks.clients()), 1)
  assert.deepEqual((await push('x', 3)).sort(), [
    ['a', 'x'],
    ['b', 'x'],
    ['c', 'x'],
  ])
})

it('calls the handler of the latest render, without subscribing again', async () => {
  await mount('first')
  await status('open')
  await push('one', 1)
  await mount('second')
  assert.deepEqual(await push('two', 2), [
    ['first', 'one'],
    ['second', 'two'],
  ])
  assert.equal(await listeners(), 1)
  assert.equal(await allSockets(), 1)
})

it('renders nothing for a message', async () => {
  await mount('a')
  await status('open')
  const before = await page.evaluate(() => window.hooks.renders())
  await push('x', 1)
  assert.equal(await page.evaluate(() => window.hooks.renders()), before)
})

it('leaves no socket and no listener when the last component has gone', async () => {
  await mount('a', 'b')
  await status('open')
  await mount()
  await status('closed')
  assert.equal(await liveSockets(), 0)
  assert.equal(await listeners(), 0)
})

it('keeps the socket when a component mounts again at once', async () => {
  await mount('a')
  await status('open')
  await page.evaluate(() => {
    window.hooks.mount()
    window.hooks.mount('b')
  })
  assert.deepEqual(await push('x', 1), [['b', 'x']])
  assert.equal(await allSockets(), 1)
  assert.equal(await listeners(), 1)
})

it('connects again when a component mounts after all had gone', async () => {
  await mount('a')
  await status('open')
  await mount()
  await status('closed')
  await mount('b')
  await status('open')
  assert.equal(await liveSockets(), 1)
  assert.deepEqual(await push('x', 1), [['b', 'x']])
})

it('takes the URL and the token of its arguments, and gives the configured token to no other URL', async () => {
  await page.evaluate((url) => window.hooks.give(url), `${gateway.url}?another`)
  await mount('a')
  await page.waitForFunction(() => window.sockets.length > 0)
  assert.deepEqual(await page.evaluate(() => window.sockets[0].url), `${gateway.url}?another`)
  await mount()

  const { accessToken } = await gateway.demo('sign-in', { user: `user-${user}` })
  await page.evaluate(([url, token]) => window.hooks.give(url, token), [`${gateway.url}?other`, accessToken])
  await mount('b')
  assert.deepEqual((await pushUntilHeard('x'))[0], ['b', 'x'])
})

it('uses the token function of the latest render for the next attempt', async () => {
  await page.evaluate((url) => window.hooks.give(url, 'no good'), gateway.url)
  await mount('a')
  await page.waitForFunction(() => window.sockets.length > 0)
  const { accessToken } = await gateway.demo('sign-in', { user: `user-${user}` })
  await page.evaluate(([url, token]) => window.hooks.give(url, token), [gateway.url, accessToken])
  await mount('b')
  await status('open')
})
