import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { WebSocket } from 'ws'
import WSClient from '../dist/index.js'
import { Server } from './server.mjs'
import { until } from './watch.mjs'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

/** The memory of every core that was made, held weakly. */
const memories = []
const { Instance } = WebAssembly
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args)
    memories.push(new WeakRef(this.exports.memory))
  }
}

const server = new Server()
before(() => server.startAnew())
after(() => server.stop())

test('a client that is closed and forgotten is collected, and its memory in WebAssembly with it', async () => {
  for (let i = 0; i < 20; i += 1) await openAndForget()
  const alive = () => memories.filter((memory) => memory.deref()).length
  assert.ok(memories.length >= 20)
  await until(() => {
    collectGarbage()
    return alive() === 0
  }, 'all of it to be collected')
})

test('a client that is open is kept, though nobody but its listeners knows it', async () => {
  const heard = new Promise((resolve) => {
    const client = new WSClient({ url: server.url, WebSocket })
    client.addEventListener('onwebsocketmessage', (event) => {
      client.close()
      resolve(event.message)
    })
    void client.open()
  })
  await until(() => server.sockets.size === 1, 'its socket')
  for (let i = 0; i < 3; i += 1) {
    collectGarbage()
    await new Promise((turn) => setTimeout(turn, 1))
  }
  server.push('"still there"')
  assert.equal(await heard, 'still there')
})

async function openAndForget() {
  const client = new WSClient({ url: server.url, WebSocket })
  await client.open()
  client.close()
}
