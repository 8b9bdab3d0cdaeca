import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, it } from 'node:test'
import { WebSocket } from 'ws'
import WSClient, { setWasmSource } from '../dist/slim.js'
import { Server } from './server.mjs'

let server
before(async () => {
  server = await Server.start()
})
after(() => server.stop())

const wasm = () => readFile(new URL('../wasm/core.wasm', import.meta.url))

async function open() {
  const client = new WSClient({ url: server.url, WebSocket })
  try {
    await client.open()
    return client.engine
  } finally {
    client.close()
  }
}

it('says so while it has no source, and remembers no failure', async () => {
  await assert.rejects(open(), { code: 'load-failed', message: /call setWasmSource\(\) first/ })
  setWasmSource(await wasm())
  assert.equal(await open(), 'wasm')
})
