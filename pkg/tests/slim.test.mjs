import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { after, before, it } from 'node:test'
import { WebSocket } from 'ws'
import WSClient, { setWasmSource } from '../dist/slim.js'
import { Server } from './server.mjs'

let server, files, origin, wasm
before(async () => {
  server = await Server.start()
  wasm = await readFile(new URL('../core.wasm', import.meta.url))
  files = createServer(({ url }, response) => {
    // With the MIME type of many a server that knows no better.
    response.writeHead(url === '/missing' ? 404 : 200, { 'Content-Type': 'text/plain' })
    response.end(url === '/core.wasm' ? wasm : '<!doctype html>')
  })
  await new Promise((done) => files.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${files.address().port}`
})
after(() => {
  files.close().closeAllConnections()
  return server.stop()
})

async function open(Client = WSClient) {
  const client = new Client({ url: server.url, WebSocket })
  try {
    await client.open()
    return client.engine
  } finally {
    client.close()
  }
}

// In this order: what has been loaded once is not loaded again.
it('says so while it has no source', async () => {
  await assert.rejects(open(), { code: 'load-failed', message: /call setWasmSource\(\) first/ })
})

it('says so when the file is missing', async () => {
  setWasmSource(`${origin}/missing`)
  await assert.rejects(open(), { code: 'load-failed', message: /answered 404/ })
})

it('says so when the server gives a page in its place', async () => {
  setWasmSource(`${origin}/index.html`)
  await assert.rejects(open(), { code: 'load-failed', message: /is not WebAssembly/ })
})

it('says so when it is the WebAssembly of something else', async () => {
  setWasmSource(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
  await assert.rejects(open(), { code: 'load-failed' })
})

for (const [kind, source] of [
  ['URL', () => new URL(`${origin}/core.wasm`)],
  ['response', () => fetch(`${origin}/core.wasm`)],
  ['array of bytes', () => wasm],
  ['compiled module', () => WebAssembly.compile(wasm)],
]) {
  it(`takes the WebAssembly from a ${kind}`, async () => {
    // A copy of the entry for each, since what has been loaded once is not loaded again.
    const slim = await import(`../dist/slim.js?${encodeURIComponent(kind)}`)
    slim.setWasmSource(await source())
    assert.equal(await open(slim.default), 'wasm')
  })
}
