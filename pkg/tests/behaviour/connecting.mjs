import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { blackHole } from '../server.mjs'
import { until } from '../watch.mjs'
import { useServer } from './setting.mjs'

export function describeConnecting(engine) {
  describe('connecting', () => {
    const { server, make } = useServer()

    it('runs on the engine that this suite is for', async () => {
      const { client } = make()
      await client.open()
      assert.equal(client.engine, engine)
    })

    it('opens one socket, however often it is told to', async () => {
      let tokens = 0
      const { client } = make({ token: () => `token-${++tokens}` })
      await Promise.all([client.open(), client.open()])
      await client.open()
      assert.equal(server.handshakes.length, 1)
      assert.equal(tokens, 1)
    })

    it('comes back by itself after the server was away', async () => {
      const { client, watch } = make()
      await client.open()
      await server.stop()
      await until(() => client.state.attempt >= 2, 'two failures')
      assert.equal(client.isConnected, false)
      await server.start()
      await watch.status('open')
      server.push('"welcome back"')
      await until(() => watch.messages.length === 1, 'a message')
    })

    it('says while waiting when it tries again, and why', async () => {
      const { client, watch } = make({ firstRetryMs: 60_000, maxRetryMs: 60_000 })
      await client.open()
      const before = Date.now()
      server.cutSockets()
      await watch.status('waiting')
      const { retryAt, cause, closeCode } = client.state
      assert.equal(cause, 'socket-closed')
      assert.equal(closeCode, 1006)
      const waitMs = retryAt - before
      assert.ok(waitMs >= 0 && waitMs <= 60_000 + Date.now() - before, `${waitMs} ms`)
    })

    it('doubles reconnectTime with each failure, and starts again once it is stable', async () => {
      const { client, watch } = make({ firstRetryMs: 20, maxRetryMs: 50 })
      assert.equal(client.reconnectTime, 0.02)
      await client.open()
      const waits = []
      client.addEventListener('statechange', ({ state }) => {
        if (state.status === 'waiting') waits.push(client.reconnectTime)
      })
      await server.stop()
      await until(() => waits.length === 4, 'four failures')
      assert.deepEqual(waits, [0.02, 0.04, 0.05, 0.05])
      await server.start()
      await watch.status('open')
      await until(() => client.state.cause === 'stable', 'a stable connection')
      assert.equal(client.reconnectTime, 0.02)
    })

    it('has a reconnectTime of one second by default, as the original', () => {
      assert.equal(make({ firstRetryMs: undefined, maxRetryMs: undefined }).client.reconnectTime, 1)
    })

    it('reconnect gets a new socket at once', async () => {
      const { client, watch } = make()
      await client.open()
      client.reconnect()
      await until(() => server.handshakes.length === 2, 'another handshake')
      await watch.status('open')
      await until(() => server.sockets.size === 1, 'the old socket to close')
    })

    it('reconnect does not wait for the retry', async () => {
      const { client, watch } = make({ firstRetryMs: 60_000, maxRetryMs: 60_000 })
      await client.open()
      server.cutSockets()
      await watch.status('waiting')
      client.reconnect()
      await watch.status('open')
    })

    it('reconnect opens a client that was never opened', async () => {
      const { client, watch } = make()
      client.reconnect()
      await watch.status('open')
    })

    it('gives up a handshake that never ends', async () => {
      const hole = await blackHole()
      try {
        const { client, watch } = make({ url: hole.url, handshakeTimeoutMs: 50 })
        void client.open()
        await watch.problem('handshake-timed-out')
        await until(() => client.state.attempt >= 2, 'another attempt')
        assert.ok(hole.connections.size <= 1, 'one at a time')
      } finally {
        hole.stop()
      }
    })

    it('comes back after a close that is not final', async () => {
      const { client, watch } = make()
      await client.open()
      server.closeSockets(1001)
      await watch.status('waiting')
      assert.equal(client.state.closeCode, 1001)
      await watch.status('open')
    })

    it('rejects open for good where the socket cannot be constructed', async () => {
      class Refusing {
        constructor() {
          throw new DOMException('insecure', 'SecurityError')
        }
      }
      const { client } = make({ WebSocket: Refusing })
      await assert.rejects(client.open(), { code: 'socket-refused' })
      assert.equal(client.state.status, 'closed')
    })

    it('ends a wait for open by a signal, and goes on connecting', async () => {
      const { client, watch } = make()
      await server.stop()
      const controller = new AbortController()
      const opening = client.open({ signal: controller.signal })
      await watch.status('waiting')
      controller.abort(new Error('enough'))
      await assert.rejects(opening, /enough/)
      await assert.rejects(client.open({ signal: AbortSignal.abort(new Error('never')) }), /never/)
      await server.start()
      await watch.status('open')
    })

    it('says that it fetches a token from the moment it is opened, once', async () => {
      const { client, watch } = make()
      const opening = client.open()
      assert.equal(client.state.status, 'fetching-token')
      await opening
      assert.deepEqual(
        watch.states.map(({ status }) => status),
        ['fetching-token', 'connecting', 'open'],
      )
    })
  })
}
