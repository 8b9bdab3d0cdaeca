// A service worker, where `import()` is forbidden: `everwire/eager`, as a module and bundled into one script.
import assert from 'node:assert/strict'
import { build } from 'esbuild'
import { after, before, it } from 'node:test'
import { launchBrowser } from './support/browser.mjs'
import { Gateway } from './support/gateway.mjs'
import { WASM_FORBIDDEN, withPlainPage } from './support/plain-page.mjs'

let gateway, browser

before(async () => {
  gateway = await Gateway.start()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await gateway?.kill()
})

/** A worker that connects when it is told to, and reports what came of it. */
const worker = (specifier) => `
import WSClient, { WEBSOCKET_EVENT } from '${specifier}'

addEventListener('message', ({ data: [url, token], ports: [port] }) => {
  const client = new WSClient({ url, token: () => token })
  client.addEventListener(WEBSOCKET_EVENT, ({ message }) => {
    port.postMessage({ engine: client.engine, text: message.message.text })
    client.close()
  })
  client.open().catch(({ message }) => port.postMessage({ message }))
  client.send({ action: 'echo', text: 'hello' }).catch(() => undefined)
})
`

/** Runs in the page: registers the worker, has it connect, and gives what it reports. */
async function connectInWorker([[url, token], type]) {
  await navigator.serviceWorker.register('worker.js', { type })
  const { active } = await navigator.serviceWorker.ready
  const { port1, port2 } = new MessageChannel()
  const report = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)))
  active.postMessage([url, token], [port2])
  return report
}

function inWorker({ code, type = 'module', policy }, test) {
  const options = { files: { 'worker.js': code }, policy, expected: [WASM_FORBIDDEN] }
  return withPlainPage({ browser, gateway }, options, async (page, args) => {
    await test(await page.evaluate(connectInWorker, [args, type]))
  })
}

it('connects as a module', async () => {
  await inWorker({ code: worker('./everwire/eager.js') }, (report) => {
    assert.deepEqual(report, { engine: 'wasm', text: 'hello' })
  })
})

it('connects as JavaScript where the policy of the worker forbids WebAssembly', async () => {
  await inWorker({ code: worker('./everwire/eager.js'), policy: "default-src 'self'" }, (report) => {
    assert.deepEqual(report, { engine: 'js', text: 'hello' })
  })
})

it('connects as a classic script, bundled into one file', async () => {
  const { outputFiles } = await build({
    stdin: { contents: worker('everwire/eager'), resolveDir: new URL('..', import.meta.url).pathname },
    bundle: true,
    format: 'iife',
    write: false,
  })
  assert.equal(outputFiles.length, 1)
  await inWorker({ code: outputFiles[0].text, type: 'classic' }, (report) => {
    assert.deepEqual(report, { engine: 'wasm', text: 'hello' })
  })
})

it('is sent to everwire/eager when it takes everwire', async () => {
  await inWorker({ code: worker('./everwire/index.js') }, ({ message }) => {
    assert.match(message, /a service worker has no import\(\), so import from 'everwire\/eager' there$/)
  })
})
