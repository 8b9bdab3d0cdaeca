import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gatewayFrame } from '../server.mjs'
import { until } from '../watch.mjs'
import { useServer } from './setting.mjs'

const HOUR_MS = 3_600_000

export function describeHeartbeat() {
  describe('asking for a sign of life', () => {
    const { server, make, open } = useServer({ heartbeatMs: HOUR_MS, hiddenHeartbeatMs: HOUR_MS })

    const isAnswered = (client) => until(() => client.explain().counters.rttMs >= 0, 'an answer')

    it('asks a server once whether it answers, and dispatches no answer', async () => {
      const { client, watch } = await open()
      await isAnswered(client)
      server.push('{"n":1}')
      await watch.count(1)
      assert.deepEqual(watch.messages, [{ n: 1 }])
      assert.equal(server.heartbeats.length, 1)
    })

    it('asks into silence only', async () => {
      const intervalMs = 200
      const { client, watch } = await open({ heartbeatMs: intervalMs })
      let silences = 0
      let heard = Date.now()
      client.addEventListener('onwebsocketmessage', () => {
        // None, unless this process was kept from running.
        if (Date.now() - heard > intervalMs - 20) silences += 1
        heard = Date.now()
      })
      const pushing = setInterval(() => server.push('1'), 5)
      await until(
        () => watch.messages.length > 100 && heard - client.explain().transitions[0].at > 4 * intervalMs,
        'flow',
      )
      clearInterval(pushing)
      assert.ok(
        server.heartbeats.length <= 1 + silences,
        `${server.heartbeats.length} after ${silences} silences`,
      )
      const { length } = server.heartbeats
      await until(() => server.heartbeats.length > length, 'a heartbeat into the silence')
    })

    for (const [direction, hours] of [
      ['back', -1],
      ['forward', 1],
    ]) {
      it(`notices silence when the user has set the clock ${direction} while messages come`, async (test) => {
        const { client, watch } = await open({ heartbeatMs: 100, heartbeatTimeoutMs: 10_000 })
        await isAnswered(client)
        const { now } = Date
        test.mock.method(Date, 'now', () => now() + hours * HOUR_MS)
        server.push('1')
        await watch.count(1)
        const { length } = server.heartbeats
        await until(() => server.heartbeats.length > length, 'a heartbeat into the silence')
        await until(() => client.explain().counters.rttMs < HOUR_MS / 2, 'its answer')
        assert.equal(server.handshakes.length, 1)
      })
    }

    it('finds a half-open socket within interval and timeout, and does not wait for its close', async () => {
      const { client, watch } = await open({ heartbeatMs: 100, heartbeatTimeoutMs: 100 })
      await isAnswered(client)
      const half = server.newest
      server.freezeSockets()
      const since = Date.now()
      await watch.problem('heartbeat-unanswered')
      const took = Date.now() - since
      assert.ok(took < 2000, `${took} ms`)
      await watch.status('open')
      assert.equal(server.handshakes.length, 2)
      assert.ok(server.sockets.has(half), 'the server knows nothing of it')
      assert.equal(watch.gaps[0].lost.cause, 'heartbeat-unanswered')
    })

    it('leaves a server alone that never answers', async () => {
      server.answers = false
      const { watch } = await open({ heartbeatTimeoutMs: 10, idleLimitMs: 50 })
      await until(() => server.heartbeats.length === 4, 'heartbeats that keep the socket from idling')
      assert.deepEqual(watch.problems, [])
      assert.equal(server.handshakes.length, 1)
    })

    it('gives up a server that never answers, where the app requires an answer', async () => {
      server.answers = false
      const { watch } = await open({ heartbeatMs: 20, heartbeatTimeoutMs: 20, heartbeatRequired: true })
      await watch.problem('heartbeat-unanswered')
      await until(() => server.handshakes.length === 2, 'another socket')
    })

    it('asks nothing where heartbeatMs is 0', async () => {
      const { watch } = await open({ heartbeatMs: 0, stableAfterMs: 20 })
      await watch.cause('stable')
      assert.deepEqual(server.heartbeats, [])
    })

    it('asks nothing of a generic service, unless the app wants it', async () => {
      const { watch } = await open({ profile: 'generic', heartbeatMs: undefined, stableAfterMs: 20 })
      await watch.cause('stable')
      assert.deepEqual(server.heartbeats, [])
      await open({ profile: 'generic', heartbeatMs: 20 })
      await until(() => server.heartbeats.length > 0, 'a heartbeat')
    })

    it('takes Forbidden to a heartbeat for a sign of life, and tells of it once', async () => {
      server.answers = false
      server.onMessage = (message, socket) => socket.send(gatewayFrame('Forbidden'))
      const { watch } = await open({ heartbeatMs: 20, heartbeatTimeoutMs: HOUR_MS })
      await until(() => server.heartbeats.length === 4, 'more heartbeats')
      assert.equal(watch.problems.length, 1)
      const { error } = watch.problems[0]
      assert.deepEqual(
        [error.name, error.code, error.gatewayMessage],
        ['GatewayError', 'gateway-error', 'Forbidden'],
      )
      assert.match(error.message, /give the API a route for heartbeatMessage/)
      assert.deepEqual(watch.messages, [])
      assert.equal(server.handshakes.length, 1)
    })

    it('takes an error for that of a message which was sent after the heartbeat', async () => {
      server.answers = false
      const { client, watch } = await open()
      await until(() => server.heartbeats.length === 1, 'the heartbeat')
      await client.send({ action: 'unknown' })
      server.push(gatewayFrame('Forbidden'))
      const { error } = await watch.problem('gateway-error')
      assert.equal(error.message, 'API Gateway says: Forbidden')
    })

    it('asks with the message that the app chose, which it may change later', async () => {
      const heartbeatMessage = { route: 'alive', at: new Date(0) }
      server.onMessage = ({ ref }, socket) => socket.send(JSON.stringify({ ref }))
      const { client, watch } = make({ heartbeatMessage, idField: 'ref' })
      heartbeatMessage.at = 1n
      await client.open()
      await isAnswered(client)
      const [{ ref, ...asked }] = server.received
      assert.deepEqual(asked, { route: 'alive', at: '1970-01-01T00:00:00.000Z' })
      assert.equal(typeof ref, 'string')
      assert.deepEqual(watch.messages, [])
    })

    it('dispatches no answer that comes late', async () => {
      server.answers = false
      const { watch } = await open({ heartbeatTimeoutMs: 10, idleLimitMs: 50 })
      await until(() => server.heartbeats.length === 2, 'a second heartbeat')
      for (const { id } of server.heartbeats) server.push(JSON.stringify({ action: 'pong', id }))
      server.push('{"n":1}')
      await watch.count(1)
      assert.deepEqual(watch.messages, [{ n: 1 }])
    })
  })
}
