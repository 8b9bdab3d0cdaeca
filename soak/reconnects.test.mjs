// 10,000 reconnects in one page: what they leave behind in WebAssembly's memory, in the JavaScript heap, in sockets.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { WebSocketServer } from 'ws'
import { launchBrowser, openPage } from '../e2e/support/browser.mjs'
import { serve } from '../e2e/support/site.mjs'
import { inRoot } from '../scripts/repository.mjs'

const RECONNECTS = 10_000
const WARM_UP = 100
/** What the garbage collector and the browser's own caches move by, in bytes, whatever the page does. */
const NOISE = 300_000

let browser, site, folder

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'everwire-soak-'))
  mkdirSync(join(folder, 'page'))
  writeFileSync(join(folder, 'page/index.html'), '<!doctype html><title>soak</title>')
  site = await serve({ '/': join(folder, 'page'), '/everwire/': inRoot('pkg/dist') })
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await site?.stop()
  rmSync(folder, { recursive: true, force: true })
})

// Side by side: a page mostly waits for its sockets.
describe(`${RECONNECTS} reconnects leave nothing behind`, { concurrency: 2 }, () => {
  for (const engine of ['wasm', 'js']) it(`on the engine ${engine}`, () => soak(engine))
})

async function soak(engine) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((ready) => server.once('listening', ready))
  const { page, complaints, close } = await openPage(browser)
  if (engine === 'js') await page.addInitScript(() => delete globalThis.WebAssembly)
  await page.goto(site.url)
  await begin(page, server)
  assert.equal(await page.evaluate(() => globalThis.client.engine), engine)

  await reconnect(page, WARM_UP)
  const first = await measure(page)
  await reconnect(page, RECONNECTS - WARM_UP)
  const last = await measure(page)
  console.log(JSON.stringify({ engine, after: { [WARM_UP]: first, [RECONNECTS]: last } }))

  assert.equal(last.wasmBytes, first.wasmBytes, 'the memory of WebAssembly has grown')
  const grown = last.heapBytes - first.heapBytes
  assert.ok(grown < NOISE, `the heap has grown from ${first.heapBytes} to ${last.heapBytes} bytes`)
  assert.equal(last.sockets, 1)
  assert.equal(server.clients.size, 1)
  assert.deepEqual(complaints, [])
  await close()
  for (const socket of server.clients) socket.terminate()
  server.close()
}

function begin(page, server) {
  const url = `ws://127.0.0.1:${server.address().port}/`
  return page.evaluate(async (url) => {
    const { default: WSClient } = await import('/everwire/index.js')
    globalThis.client = new WSClient({ url, token: () => 'a-token', heartbeatMs: 0 })
    await globalThis.client.open()
  }, url)
}

function reconnect(page, times) {
  return page.evaluate(async (times) => {
    const { client } = globalThis
    for (let count = 0; count < times; count += 1) {
      const opened = new Promise((resolve) => {
        client.addEventListener('statechange', function listen({ state }) {
          if (state.status !== 'open') return
          client.removeEventListener('statechange', listen)
          resolve()
        })
      })
      client.reconnect()
      await opened
    }
  }, times)
}

/** After a garbage collection, through the browser's own protocol. */
async function measure(page) {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  // The second one collects what the first one's finalizers let go of.
  for (let round = 0; round < 2; round += 1) await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  const wasmBytes = await sumOf(
    session,
    'globalThis.WebAssembly?.Memory.prototype',
    (it) => it.buffer.byteLength,
  )
  const sockets = await sumOf(session, 'WebSocket.prototype', (it) => (it.readyState < 2 ? 1 : 0))
  await session.detach()
  return { heapBytes: usedSize, wasmBytes, sockets }
}

/** The sum over all objects of the page that have this prototype. */
async function sumOf(session, prototype, value) {
  const { result } = await session.send('Runtime.evaluate', { expression: prototype })
  if (!result.objectId) return 0
  const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: result.objectId })
  const sum = await session.send('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    functionDeclaration: `function () { return this.reduce((sum, it) => sum + (${String(value)})(it), 0) }`,
    returnByValue: true,
  })
  await session.send('Runtime.releaseObject', { objectId: objects.objectId })
  return sum.result.value
}
