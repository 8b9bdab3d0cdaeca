// How often JavaScript calls into WebAssembly, which counts alike on every machine.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import WSClient from '../dist/index.js'
import { Server } from './server.mjs'
import { until } from './watch.mjs'

let calls = 0
const { Instance } = WebAssembly
WebAssembly.Instance = class extends Instance {
  get exports() {
    const { handle, ...others } = super.exports
    const counted = (...input) => {
      calls += 1
      return handle(...input)
    }
    return { ...others, handle: counted }
  }
}

const server = new Server()
before(() => server.startAnew())
after(() => server.stop())

test('messages that arrive do not cross into WebAssembly, and those that leave do once each', async () => {
  const client = new WSClient({ url: server.url, WebSocket })
  let arrived = 0
  client.addEventListener('onwebsocketmessage', () => (arrived += 1))
  await client.open()
  // Until the first heartbeat is answered, every frame may be that answer.
  await until(() => client.explain().counters.rttMs !== undefined, 'the answer to the first heartbeat')
  calls = 0
  for (let i = 0; i < 1_000; i += 1) server.push('{"action":"note"}')
  await until(() => arrived === 1_000, 'all messages')
  assert.equal(calls, 0)

  for (let i = 0; i < 100; i += 1) client.send({ action: 'note' })
  // What arrived is told before the first of them.
  assert.equal(calls, 101)
  client.close()
})
