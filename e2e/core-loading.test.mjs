// When the core cannot be loaded: what the error says, and that a later open() works.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { launchBrowser } from './support/browser.mjs'
import { Gateway } from './support/gateway.mjs'
import { echo, WASM_FORBIDDEN, withPlainPage } from './support/plain-page.mjs'

let gateway, browser

before(async () => {
  gateway = await Gateway.start()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await gateway?.kill()
})

const withPage = (options, test) => withPlainPage({ browser, gateway }, options, test)
const NOT_LOADED = /Failed to load resource|net::ERR_/

/** What came of a first open(), which must not succeed. */
async function failure(page, args) {
  const { code, message, status } = await page.evaluate(echo, args)
  assert.deepEqual({ code, status }, { code: 'load-failed', status: 'closed' })
  return message
}

it('says that the script did not come while the page is offline, and opens when it is online again', async () => {
  await withPage({ expected: [NOT_LOADED] }, async (page, args) => {
    await page.context().setOffline(true)
    assert.match(
      await failure(page, args),
      /^the core could not be loaded: its script did not come \(TypeError: .*core-wasm\.js\); is the network there/,
    )
    await page.context().setOffline(false)
    assert.deepEqual(await page.evaluate(echo, args), { engine: 'wasm', text: 'hello' })
  })
})

it('says that neither WebAssembly nor JavaScript can be had, and opens when the latter can', async () => {
  const options = { policy: "default-src 'self'", expected: [WASM_FORBIDDEN, NOT_LOADED] }
  await withPage(options, async (page, args) => {
    await page.route('**/core-js.js', (route) => route.abort())
    assert.match(
      await failure(page, args),
      /the page may not compile WebAssembly \(its Content-Security-Policy lacks script-src 'wasm-unsafe-eval'\), and the same code as JavaScript is not there either: its script did not come/,
    )
    await page.unroute('**/core-js.js')
    assert.deepEqual(await page.evaluate(echo, args), { engine: 'js', text: 'hello' })
  })
})

it('everwire/slim says that its file is a page, or missing, or forbidden to fetch, and takes any MIME type', async () => {
  // Other servers may be called only over WebSocket.
  const options = { entry: 'slim', policy: "default-src 'self' 'wasm-unsafe-eval'" }
  await withPage({ ...options, expected: [NOT_LOADED, /Content Security Policy/] }, async (page, args) => {
    const from = (url) => page.evaluate((url) => window.everwire.setWasmSource(url), url)
    await from('/index.html')
    assert.match(await failure(page, args), /index\.html is no WebAssembly but an HTML page; serve the file/)
    await from('/nowhere.wasm')
    assert.match(await failure(page, args), /the server answered 404 for .*\/nowhere\.wasm; serve the file/)
    await from('http://localhost:1/core.wasm')
    assert.match(await failure(page, args), /could not be fetched .* connect-src allow it\?$/)
    await page.route('**/core.wasm', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, headers: { ...response.headers(), 'content-type': 'text/html' } })
    })
    await from('/wasm/core.wasm')
    assert.deepEqual(await page.evaluate(echo, args), { engine: 'wasm', text: 'hello' })
  })
})
