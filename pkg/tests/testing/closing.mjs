import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import WSClient from '../../dist/index.js'
import { fakeServer } from '../../dist/testing.js'
import { fakeSockets } from '../fake_socket.mjs'
import { until } from '../watch.mjs'
import { url, useFakeServer } from './setting.mjs'

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

export function describeClosing() {
  describe('closing a fake server', () => {
    const test = useFakeServer()

    it('closes the clients of the test, whatever they were at', async () => {
      const { client: open } = await test.open()
      const { client: waiting } = await test.open()
      test.server.connections[1].drop()
      test.server.refuse()
      const { client: connecting } = test.make()
      void connecting.open()
      const { client: fetching } = test.make({ token: () => new Promise(() => undefined) })
      void fetching.open()
      assert.equal(waiting.state.status, 'waiting')
      test.server.close()
      for (const client of [open, waiting, connecting, fetching]) {
        assert.equal(client.state.status, 'closed')
        assert.equal(Object.hasOwn(client, 'dispatchEvent'), false)
      }
    })

    it('leaves no timer', async () => {
      const before = timers()
      const { client } = await test.open()
      client.request({ action: 'never answered' }).catch(() => undefined)
      test.server.drop()
      void client.send({ n: 1 }, { timeoutMs: 60_000 })
      test.server.close()
      await until(() => timers() <= before, 'the end of all timers')
    })

    it('may happen twice, and by `using`', async () => {
      await test.open()
      test.server[Symbol.dispose ?? Symbol.for('Symbol.dispose')]()
      test.server.close()
    })

    it('lets the next test begin anew, with the same client', async () => {
      const { client } = await test.open()
      test.server.push({ n: 1 })
      test.server.close()
      test.server = fakeServer({ url })
      void client.open()
      await test.server.connected()
      assert.equal(test.server.handshakes.length, 1)
      assert.equal(client.isConnected, true)
    })

    it('is asked for where it was forgotten', () => {
      assert.throws(
        () => fakeServer({ url: `${url}?again` }),
        /there is a fake server for wss:\/\/example\.com\/prod already: close that one first/,
      )
    })

    it('gives the real time back', async () => {
      await test.open()
      await test.server.advance(3_600_000)
      assert.ok(test.server.now - Date.now() > 3_500_000)
      test.server.close()
      const sockets = fakeSockets({
        constructed: (socket) => queueMicrotask(() => socket.onclose({ code: 1006, reason: '' })),
      })
      const client = new WSClient({ url, firstRetryMs: 1, WebSocket: sockets })
      void client.open()
      await until(() => sockets.instances.length > 1, 'a retry that nobody has advanced to')
      assert.ok(Math.abs(client.explain().transitions[0].at - Date.now()) < 60_000)
      client.dispose()
    })
  })
}
