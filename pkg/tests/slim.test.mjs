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
    response.writeHead(url.startsWith('/missing') ? 404 : 200, { 'Content-Type': 'text/plain' })
    response.end({ '/core.wasm': wasm, '/half.wasm': wasm.subarray(0, 5000) }[url] ?? '<!doctype html>')
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

/** A source that is no core, and what is said of it: what is wrong, and what to do. */
const WRONG = [
  ['is missing', () => undefined, /call setWasmSource\(\) first$/],
  [
    'is a file that the server does not have',
    () => `${origin}/missing?key=secret`,
    /the server answered 404 for http:\/\/127[\d.:]+\/missing; serve the file everwire\/core\.wasm/,
  ],
  [
    'is a page in place of the file',
    () => `${origin}/index.html`,
    /index\.html is no WebAssembly but an HTML page; serve/,
  ],
  [
    'is not all of the file',
    () => `${origin}/half.wasm`,
    /half\.wasm is not WebAssembly, or not all of it; serve/,
  ],
  [
    'is the WebAssembly of something else',
    () => new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
    /is the WebAssembly of something else; serve/,
  ],
  [
    'is where nobody answers',
    () => 'http://127.0.0.1:1/core.wasm',
    /core\.wasm could not be fetched \(TypeError: fetch failed\): is the URL right/,
  ],
  [
    'is a request that has failed',
    () => quiet(Promise.reject(new TypeError('offline'))),
    /rejected \(TypeError: offline\); with a URL each open\(\) tries anew$/,
  ],
]

const quiet = (promise) => {
  promise.catch(() => undefined)
  return promise
}

// Before the others: what has been loaded once is not loaded again.
for (const [what, source, message] of WRONG) {
  it(`says what to do when its source ${what}`, async () => {
    setWasmSource(source())
    const error = await open().catch((error) => error)
    assert.equal(error.code, 'load-failed')
    assert.match(error.message, message)
    assert.doesNotMatch(error.message, /secret/)
  })
}

it('opens when the source has been put right, with the same client', async () => {
  setWasmSource(`${origin}/missing`)
  const client = new WSClient({ url: server.url, WebSocket })
  await assert.rejects(client.open(), { code: 'load-failed' })
  setWasmSource(`${origin}/core.wasm`)
  await client.open()
  assert.equal(client.engine, 'wasm')
  client.close()
})

for (const [kind, source] of [
  ['URL with the wrong MIME type', () => new URL(`${origin}/core.wasm`)],
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
