import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import WSClient from '../../dist/index.js'
import { fakeServer } from '../../dist/testing.js'
import { fakeSockets } from '../fake_socket.mjs'
import { until, Watch } from '../watch.mjs'
import { url, useFakeServer } from './setting.mjs'

export function describeClientsFromBefore() {
  describe('a client from before the fake server', () => {
    const test = useFakeServer()
    /** One that is open in the real time, over a socket that is not the fake server's. */
    const openBefore = async () => {
      test.server.close()
      const sockets = fakeSockets({ constructed: (socket) => queueMicrotask(() => socket.open()) })
      const client = new WSClient({ url, WebSocket: sockets })
      const watch = new Watch(client)
      await client.open()
      return { client, watch, sockets }
    }

    it('sees no jump of its clock, in which it would take its socket for too old', async () => {
      const { client, watch, sockets } = await openBefore()
      test.server = fakeServer({ url })
      sockets.instances[0].bring({ n: 1 })
      client.send({ n: 2 })
      await test.server.advance(1000)
      assert.equal(client.state.status, 'open')
      assert.equal(sockets.instances.length, 1)
      assert.deepEqual(watch.problems, [])
    })

    it('lives in the fake time from then on', async () => {
      const { client, sockets } = await openBefore()
      test.server = fakeServer({ url })
      sockets.instances[0].end(1006)
      assert.equal(client.state.status, 'waiting')
      await test.server.advance(1000)
      assert.equal(sockets.instances.length, 2)
      assert.equal(client.state.status, 'open')
    })

    it('is closed with the last server, since its timers are in the fake time', async () => {
      const { client, sockets } = await openBefore()
      test.server = fakeServer({ url })
      sockets.instances[0].end(1006)
      test.server.close()
      assert.equal(client.state.status, 'closed')
    })

    it('is like any other where it was closed in between', async () => {
      const { client } = await openBefore()
      client.close()
      test.server = fakeServer({ url })
      void client.open()
      await until(() => client.isConnected, 'the connection')
      await test.server.advance(3_600_000)
      test.server.close()
      assert.equal(client.state.status, 'closed')
      assert.equal(client.explain().state.status, 'closed')
    })
  })
}
