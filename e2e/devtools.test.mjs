import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import { build } from 'esbuild'
import { Server } from '../pkg/tests/server.mjs'
import { until } from '../pkg/tests/watch.mjs'
import { inRoot } from '../scripts/repository.mjs'
import { CONNECTION_LOST, launchBrowser, openPage } from './support/browser.mjs'
import { bundlePage } from './support/bundle.mjs'
import { serve } from './support/site.mjs'

const root = inRoot('e2e', 'devtools-page')

/** As strict as a page with WebAssembly can be: no inline style, no inline script. */
const CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src ws://127.0.0.1:*"

const TOKEN = 'the-token-of-this-test'

let server, site, browser, tab, page, requested

before(async () => {
  const built = await bundlePage('devtools-page')
  copyFileSync(`${root}/app.css`, `${built}/app.css`)
  site = await serve({ '/': built }, { 'Content-Security-Policy': CSP })
  browser = await launchBrowser()
  server = await Server.start()
})
after(async () => {
  await browser?.close()
  await site?.stop()
  await server?.stop()
})

beforeEach(async () => {
  await server.stop()
  await server.startAnew()
  tab = await openPage(browser, { expected: CONNECTION_LOST })
  page = tab.page
  requested = []
  page.on('request', (request) => requested.push(new URL(request.url()).pathname))
  await page.addInitScript(countListeners)
  await page.goto(site.url)
})
afterEach(async () => {
  await tab.close()
  assert.deepEqual(tab.complaints, [], 'the console is clean')
})

/** Runs in the page before anything else: how many listeners clients have, of any type. */
function countListeners() {
  window.listeners = 0
  const { addEventListener, removeEventListener } = EventTarget.prototype
  const isClients = (target) => target.constructor.name.includes('WSClient')
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    if (isClients(this)) {
      window.listeners += 1
      const forget = () => (window.listeners -= 1)
      if (options?.signal) addEventListener.call(options.signal, 'abort', forget)
    }
    return addEventListener.call(this, type, listener, options)
  }
  EventTarget.prototype.removeEventListener = function (...args) {
    if (isClients(this)) window.listeners -= 1
    return removeEventListener.apply(this, args)
  }
}

/** Mounts the devtools; the client's retries come late enough to be seen. */
async function start(options = {}, props = {}) {
  const given = { url: server.url, firstRetryMs: 1500, heartbeatMs: 0, ...options }
  await page.evaluate(
    ([given, props, token]) => window.app.start({ ...given, token: () => token }, props),
    [given, props, TOKEN],
  )
  await page.getByRole('heading', { name: 'An app' }).waitFor()
}

const connect = () => page.evaluate(() => window.app.client.open())
const corner = () => page.getByRole('button', { name: /^Everwire devtools/ })
const drawer = () => page.getByRole('region', { name: 'Everwire devtools' })
const section = (name) => drawer().getByRole('group', { name, exact: true })
const button = (name) => drawer().getByRole('button', { name, exact: true })
const says = (locator, text) => locator.filter({ hasText: text }).first().waitFor()

async function openPanel() {
  await corner().click()
  await section('State').waitFor()
}

it('loads the panel when it is opened, and not with the page', async () => {
  await start()
  await corner().waitFor()
  const isPanel = (path) => /\/panel-/.test(path)
  assert.deepEqual(requested.filter(isPanel), [])
  await openPanel()
  assert.equal(requested.filter(isPanel).length, 1)
})

it('is in no bundle whose condition for it is false', async () => {
  const holds = async (condition) => {
    const contents = `
      import { EverwireDevtools } from 'everwire/devtools'
      export const App = () => ${condition} && <EverwireDevtools />`
    const { outputFiles } = await build({
      stdin: { contents, loader: 'jsx', resolveDir: root },
      ...{ bundle: true, format: 'esm', write: false, minify: true },
      ...{ jsx: 'automatic', define: { 'process.env.NODE_ENV': '"production"' }, external: ['react*'] },
    })
    return /devtools/i.test(outputFiles[0].text)
  }
  assert.equal(await holds("process.env.NODE_ENV !== 'production'"), false)
  assert.equal(await holds('true'), true, 'what is sought is there without the condition')
})

it('neither opens a connection nor keeps one open', async () => {
  await start()
  await openPanel()
  await says(section('State'), 'never opened')
  assert.equal(server.handshakes.length, 0)
  await connect()
  await says(section('State'), /^State\s*connected/)
  await page.evaluate(() => window.app.client.close())
  await says(section('State'), /disconnected/)
  await until(() => server.sockets.size === 0, 'the socket to close')
})

it('shows a drop, the seconds until the retry, and the way back', async () => {
  await start({ maxRetryMs: 2000 })
  await connect()
  await openPanel()
  // So that it is seen, however soon the first retry is due.
  server.refusal = 503
  await button('Drop').click()
  await says(section('State'), /reconnecting in \d\.\d s/)
  await says(section('Timeline'), /retry 1 in .*the connection broke.*socket-closed 1006/s)
  server.refusal = 0
  await says(section('State'), /^State\s*connected/)
  await says(section('Timeline'), /a gap of/)
  await says(section('Queue and counters'), /Drops1/)
  assert.equal(server.handshakes.length, 2)
})

it('reconnects, rotates, closes and opens by its buttons', async () => {
  await start({ firstRetryMs: 60_000, maxRetryMs: 60_000 })
  await openPanel()
  await button('Open').click()
  await says(section('State'), /^State\s*connected/)
  await button('Drop').click()
  await says(section('State'), /reconnecting/)
  await button('Reconnect').click()
  await says(section('State'), /^State\s*connected/)
  await button('Rotate').click()
  await says(section('Controls'), 'Another socket has taken over.')
  await says(section('Timeline'), 'new socket, no gap')
  await button('Close').click()
  await says(section('State'), /disconnected/)
})

it('tells what became of each message, and shows it on demand', async () => {
  await start()
  await connect()
  await openPanel()
  const log = section('Messages')
  await page.evaluate(() => void window.app.client.send({ action: 'markRead', id: 7 }))
  server.push('{"action":"notification","title":"Hi"}')
  await says(log.getByRole('listitem'), /→ out.*markRead.*handed-over/)
  const incoming = log.getByRole('listitem').filter({ hasText: /← in.*notification/ })
  await says(incoming, '38 B')
  await incoming.locator('summary').click()
  await says(incoming.locator('pre'), /"title": "Hi"/)

  await server.stop()
  await says(section('State'), /connecting/)
  await page.evaluate(() => void window.app.client.send({ action: 'waits' }))
  await says(log.getByRole('listitem'), /waits.*queued/)
  await says(section('Queue and counters'), /Waiting1/)
  await page.evaluate(() => window.app.client.close())
  await says(log.getByRole('listitem'), /waits.*dropped/)
  await server.start()
})

it('has the messages from before it was opened, filters, pauses and clears them', async () => {
  await start()
  await connect()
  await page.evaluate(() =>
    Promise.all([1, 2].map((id) => window.app.client.send({ action: `early-${id}` }))),
  )
  await openPanel()
  const log = section('Messages')
  const rows = log.getByRole('listitem')
  await until(async () => (await rows.count()) === 2, 'both')
  assert.equal(await rows.count(), 2)
  await log.getByRole('searchbox').fill('early-2')
  await says(log, '1 of 2')
  await log.getByRole('searchbox').press('Escape')
  await says(log, /Messages2/)
  await log.getByRole('button', { name: 'Pause' }).click()
  await page.evaluate(() => window.app.client.send({ action: 'unseen' }))
  await says(log, 'paused, 1 passed unrecorded')
  await log.getByRole('button', { name: 'Clear' }).click()
  await says(log, 'None yet')
})

it('stays alive under 10,000 messages in a second, renders once a frame, and says what it dropped', async () => {
  await start()
  await connect()
  await openPanel()
  await page.evaluate(() => {
    window.app.renders = 0
    window.app.frames = 0
    window.app.longestFrameMs = 0
    let last = performance.now()
    const count = (now) => {
      window.app.frames += 1
      window.app.longestFrameMs = Math.max(window.app.longestFrameMs, now - last)
      last = now
      requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
  })
  for (let batch = 0; batch < 100; batch += 1) {
    for (let n = 0; n < 100; n += 1) server.push(`{"action":"price","n":${batch * 100 + n}}`)
    await new Promise((turn) => setTimeout(turn, 10))
  }
  const log = section('Messages')
  await says(log, '9800 older dropped (the last 200 are kept)')
  await says(log.getByRole('listitem'), '"n":9999')
  assert.equal(await log.getByRole('listitem').count(), 200)
  const { renders, frames, longestFrameMs } = await page.evaluate(() => window.app)
  // A tick for the counters, twice a second, may fall into a frame that has rendered.
  assert.ok(renders <= frames + 20, `${renders} renders in ${frames} frames`)
  assert.ok(longestFrameMs < 1000, `a frame took ${longestFrameMs} ms`)
  await button('Drop').click()
  await says(section('Timeline'), 'the connection broke')
})

it('leaves no listener when it is unmounted', async () => {
  await start()
  await connect()
  const alone = await page.evaluate(() => window.listeners)
  assert.ok(alone > 0, 'the button listens')
  await openPanel()
  await page.evaluate(() => window.app.unmount())
  await corner().waitFor({ state: 'detached' })
  await drawer().waitFor({ state: 'detached' })
  assert.equal(await page.evaluate(() => window.listeners), 0)
})

it('lets no style in and none out', async () => {
  await start()
  const own = page.getByRole('button', { name: 'Its button' })
  const styleOf = (locator) =>
    locator.evaluate((element) => {
      const { color, padding, fontSize, letterSpacing, textTransform, backgroundColor } =
        getComputedStyle(element)
      return { color, padding, fontSize, letterSpacing, textTransform, backgroundColor }
    })
  const before = await styleOf(own)
  await openPanel()
  assert.deepEqual(await styleOf(own), before)
  assert.deepEqual(await styleOf(button('Reconnect')), {
    color: 'rgb(20, 32, 28)',
    padding: '3px 10px',
    fontSize: '13px',
    letterSpacing: 'normal',
    textTransform: 'none',
    backgroundColor: 'rgba(0, 0, 0, 0)',
  })
})

it('closes by Escape, and gives the focus back to its button', async () => {
  await start()
  await corner().focus()
  await page.keyboard.press('Enter')
  await section('State').waitFor()
  assert.equal(await focusedName(), 'Close the devtools')
  await page.keyboard.press('Escape')
  await corner().waitFor()
  assert.match(await focusedName(), /^Everwire devtools/)
})

/** The label of what has the focus, in whichever shadow root. */
function focusedName() {
  return page.evaluate(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    return element?.getAttribute('aria-label')
  })
}

it('says how to give it a client, and what is wrong with what configure() was given', async () => {
  await page.evaluate(() => window.app.startWithout())
  await says(drawer().getByRole('status'), /There is no client to show: give one/)
  await page.evaluate(() => window.app.startWithout({ url: 'ftp://127.0.0.1' }))
  await says(drawer().getByRole('alert'), /There is no client to show\. EverwireError: url/)
})

it('shows no token: not that of the connection, and none in a message', async () => {
  await start()
  await connect()
  await openPanel()
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
  server.push(
    JSON.stringify({
      ...{ action: 'a', text: `see ${jwt}`, password: 'hunter2', at: 'wss://a.example/x?t=abc' },
      ...{ tokens: ['hunter3'], body: '{"token":"hunter4"}', url: 'wss://user:hunter5@b.example/y' },
    }),
  )
  const row = section('Messages').getByRole('listitem').first()
  await row.locator('summary').click()
  await says(row.locator('pre'), '(hidden)')
  const text = await drawer().evaluate(textOfAll)
  assert.match(text, /wss:\/\/a\.example\/x/)
  for (const secret of [TOKEN, 'eyJ', 'hunter', 't=abc']) assert.ok(!text.includes(secret), secret)

  /** Runs in the page: with what is in shadow roots. */
  function textOfAll(node) {
    const roots = [...node.querySelectorAll('*')].map(({ shadowRoot }) => shadowRoot).filter(Boolean)
    return [node.innerHTML, ...roots.map(({ innerHTML }) => innerHTML)].join()
  }
})
