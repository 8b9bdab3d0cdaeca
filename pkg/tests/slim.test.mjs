import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { after, before, it } from 'node:test'
import { runInNewContext } from 'node:vm'
import { WebSocket } from 'ws'
import { customSection } from '../../scripts/package/custom-section.mjs'
import { readManifest } from '../../scripts/package/entries.mjs'
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

const { version } = readManifest()
const nameOf = (version) => customSection('everwire', version)

/** The core without the version at its end. */
const nameless = () => wasm.subarray(0, wasm.length - nameOf(version).length)

/** The core with an export of another name. */
function withoutExport(name) {
  const bytes = Buffer.from(wasm)
  bytes.write('_', bytes.indexOf(name))
  return bytes
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
    'is of another version',
    () => Buffer.concat([nameless(), nameOf('0.0.9')]),
    /core\.wasm is of everwire 0\.0\.9, the script of \d.*: serve the file of the same version/,
  ],
  [
    'is a compiled module of another version',
    () => WebAssembly.compile(Buffer.concat([nameless(), nameOf('10.20.30')])),
    /core\.wasm is of everwire 10\.20\.30, the script of/,
  ],
  ['does not say its version', () => nameless(), /core\.wasm does not say of which version it is.*; serve/],
  ...['memory', 'knobs', 'start', 'handle'].map((name) => [
    `lacks the export ${name}`,
    () => withoutExport(name),
    /is the WebAssembly of something else; serve/,
  ]),
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

/** The bytes as code that runs in another realm has them: a frame, Jest. */
function inOtherRealm(code) {
  return runInNewContext(code, { bytes: [...wasm] })
}

const GOOD = [
  ['URL with the wrong MIME type', () => new URL(`${origin}/core.wasm`)],
  ['response', () => fetch(`${origin}/core.wasm`)],
  ['array of bytes', () => wasm],
  ['buffer', () => new Uint8Array(wasm).buffer],
  ['compiled module', () => WebAssembly.compile(wasm)],
  ['buffer of another realm', () => inOtherRealm('Uint8Array.from(bytes).buffer')],
  ['module of another realm', () => inOtherRealm('new WebAssembly.Module(Uint8Array.from(bytes))')],
]

for (const [kind, source] of GOOD) {
  it(`takes the WebAssembly from a ${kind}`, async () => {
    // A copy of the entry for each, since what has been loaded once is not loaded again.
    const slim = await import(`../dist/slim.js?${encodeURIComponent(kind)}`)
    slim.setWasmSource(await source())
    assert.equal(await open(slim.default), 'wasm')
  })

  it(`takes the WebAssembly from a ${kind} where Response is no global, as in Jest's jsdom`, async (t) => {
    const slim = await import(`../dist/slim.js?without&${encodeURIComponent(kind)}`)
    slim.setWasmSource(await source())
    const { Response } = globalThis
    t.after(() => Object.assign(globalThis, { Response }))
    delete globalThis.Response
    assert.equal(await open(slim.default), 'wasm')
  })
}
