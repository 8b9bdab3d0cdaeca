import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { fakeServer } from '../../dist/testing.js'
import { jwt } from '../behaviour/setting.mjs'
import { fakeSockets } from '../fake_socket.mjs'
import { until } from '../watch.mjs'
import { failureOf, url, useFakeServer } from './setting.mjs'

export function describeConnections(engine) {
  describe('connections to a fake server', () => {
    const test = useFakeServer()

    it('are those of the real client', async () => {
      const { client } = await test.open()
      assert.equal(client.engine, engine)
      assert.equal(client.isConnected, true)
    })

    it('show the token to who asks for it, and to nobody else', async () => {
      const { connection } = await test.open({ url: `${url}?stage=blue`, token: () => 'secret' })
      assert.equal(connection.token, 'secret')
      assert.equal(connection.url, `${url}?stage=blue`)
      assert.doesNotMatch(inspect(connection, { depth: 9, showHidden: true }), /secret/)
    })

    it('come back after drop() when the time has passed', async () => {
      const { client, watch } = await test.open()
      const { now } = test.server
      test.server.drop()
      assert.deepEqual([client.state.status, client.state.closeCode], ['waiting', 1006])
      await test.server.advance(client.state.retryAt - now - 1)
      assert.equal(client.state.status, 'waiting')
      await test.server.advance(1)
      assert.equal(client.state.status, 'open')
      assert.ok(test.server.now - now <= 1000, 'the first retry comes within firstRetryMs')
      assert.equal(watch.gaps.length, 1)
      assert.equal(watch.gaps[0].lost.closeCode, 1006)
    })

    it('come back while connected() waits, which lets the time pass as far as needed', async () => {
      const { client } = await test.open()
      test.server.drop({ code: 1001 })
      assert.equal(client.state.closeCode, 1001)
      const before = test.server.now
      await test.server.connected()
      assert.equal(client.isConnected, true)
      assert.ok(test.server.now > before)
    })

    it('stay away after a final close code', async () => {
      const { client, connection } = await test.open()
      connection.drop({ code: 4403, reason: 'banned' })
      assert.deepEqual(connection.closed, { code: 4403, reason: 'banned' })
      await test.server.advance(3_600_000)
      assert.equal(client.state.status, 'closed')
      assert.match(await failureOf(test.server.connected(1, { waitMs: 20 })), /a client is closed/)
    })

    it('are refused as a browser sees it, until accept()', async () => {
      test.server.refuse({ status: 401 })
      const { client, watch } = test.make({ token: () => 'old' })
      void client.open()
      const { error } = await watch.problem('handshake-failed')
      assert.match(error.message, /browsers do not tell which/)
      await test.server.advance(10_000)
      assert.ok(test.server.handshakes.length > 2)
      assert.ok(test.server.handshakes.every(({ status, token }) => status === 401 && token === 'old'))
      assert.match(await failureOf(test.server.connected()), /The server refuses handshakes: call accept\(\)/)
      test.server.accept()
      await test.server.connected()
      assert.equal(test.server.handshakes.at(-1).status, 101)
    })

    it('are refused so many times', async () => {
      test.server.refuse({ times: 3 })
      const { client } = test.make()
      void client.open()
      await test.server.connected()
      assert.deepEqual(
        test.server.handshakes.map(({ status }) => status),
        [403, 403, 403, 101],
      )
    })

    it('are refused as many times as the test says, however many', async () => {
      test.server.refuse({ times: 25 })
      const { client } = test.make()
      void client.open()
      await test.server.connected()
      assert.equal(test.server.handshakes.length, 26)
    })

    it('are missed with the remedy, where they are refused too often for the wait', async () => {
      const { client } = test.make()
      void client.open()
      test.server.refuse({ times: 10 ** 9 })
      assert.match(
        await failureOf(test.server.connected(1, { waitMs: 50 })),
        /The server refuses \d+ more handshakes: call accept\(\), or give the wait more time by \{ waitMs \}\.$/,
      )
      test.server.refuse({ when: () => true })
      assert.match(
        await failureOf(test.server.connected()),
        /The server has refused \d+ handshakes by refuse\(\{ when \}\): call accept\(\), or let it be false/,
      )
    })

    it('are opened with a fresh token, where the old one is refused', async () => {
      const asked = []
      const tokens = ['old', 'old', 'new']
      const token = ({ refresh }) => {
        asked.push(refresh)
        return tokens[asked.length - 1]
      }
      const { client } = await test.open({ token })
      test.server.refuse({ status: 401, when: ({ token }) => token === 'old' })
      client.reconnect()
      const connection = await test.server.connected()
      assert.equal(connection.token, 'new')
      assert.equal(asked.length, 3)
    })

    it('that are always refused fail the wait, which does not go on for ever', async () => {
      test.server.refuse({ when: () => true })
      const { client } = test.make()
      void client.open()
      assert.match(await failureOf(test.server.connected()), /a client is waiting/)
      assert.ok(test.server.handshakes.length < 30)
    })

    it('are handed over before the token expires', async () => {
      const { client, watch } = await test.open({
        token: () => jwt(test.server.now + 600_000),
        rotateBeforeExpiryMs: 60_000,
      })
      await test.server.advance(545_000)
      assert.equal(test.server.handshakes.length, 2)
      assert.equal(client.explain().counters.handOvers, 1)
      assert.deepEqual(watch.gaps, [])
    })

    it('are handed over before the two hours of API Gateway are over', async () => {
      const { client, watch } = await test.open()
      await test.server.advance(7_200_000)
      assert.equal(client.explain().counters.handOvers, 1)
      assert.equal(client.explain().counters.drops, 0)
      assert.deepEqual(watch.gaps, [])
      assert.equal(test.server.connections.length, 1)
    })

    it('are closed after two hours, or ten minutes of silence, where the client does not care', async () => {
      const careless = { heartbeatMs: 0, hiddenHeartbeatMs: 0, idleLimitMs: 0, maxLifeMs: 0 }
      const { connection } = await test.open(careless)
      await test.server.advance(599_999)
      assert.equal(connection.isOpen, true)
      await test.server.advance(1)
      assert.deepEqual(connection.closed, { code: 1001, reason: 'Going away' })
      const second = await test.server.connected()
      for (let minutes = 0; minutes < 120; minutes += 9) {
        assert.equal(second.isOpen, true)
        second.push({ minutes })
        await test.server.advance(540_000)
      }
      assert.deepEqual(second.closed, { code: 1001, reason: 'Going away' })
    })

    it('have their heartbeats answered', async () => {
      const { client, watch, connection } = await test.open()
      await test.server.advance(300_000)
      assert.ok(connection.heartbeats >= 9, `${connection.heartbeats} heartbeats in five minutes`)
      assert.equal(client.explain().counters.drops, 0)
      assert.deepEqual(watch.messages, [])
    })

    it('that became a black hole are left after heartbeatMs and heartbeatTimeoutMs', async () => {
      const { client, watch, connection } = await test.open({
        heartbeatMs: 20_000,
        heartbeatTimeoutMs: 5_000,
      })
      await test.server.advance(1000)
      test.server.blackHole()
      test.server.push({ lost: true })
      client.send({ lost: true })
      await test.server.advance(18_000)
      assert.equal(client.state.status, 'open', 'nobody has told the client')
      const hint = /learns by a heartbeat: advance\(\) past heartbeatMs and heartbeatTimeoutMs/
      assert.match(await failureOf(test.server.connected(1, { waitMs: 20 })), hint)
      await test.server.advance(7_000)
      assert.equal(client.explain().counters.drops, 1)
      assert.equal(watch.problems[0].error.code, 'heartbeat-unanswered')
      assert.notEqual(await test.server.connected(), connection)
      assert.deepEqual([watch.messages, test.server.received], [[], []])
    })

    it('go through a dead link and two hours with the default options, as the guide says', async () => {
      const { client } = await test.open()
      test.server.blackHole()
      await test.server.advance(40_000)
      assert.equal(client.explain().counters.drops, 1)
      await test.server.connected()
      await test.server.advance(7_200_000)
      assert.equal(test.server.handshakes.length, 3)
    })

    it('wait for a token that an app fetches over a real network', async () => {
      const fetched = () => new Promise((then) => setTimeout(then, 30, 'slow'))
      const { client, connection } = await test.open({ token: fetched, tokenTimeoutMs: 100 })
      assert.equal(connection.token, 'slow')
      test.server.drop()
      await test.server.advance(60_000)
      assert.equal(client.isConnected, true)
      assert.equal(test.server.handshakes.length, 2)
    })

    it('wait for no token longer than tokenTimeoutMs of the fake time', async () => {
      const { client, watch } = test.make({ token: () => new Promise(() => undefined) })
      void client.open()
      await test.server.advance(10_000)
      await watch.problem('token-timed-out')
      assert.match(await failureOf(test.server.connected(1, { waitMs: 20 })), /0 of 1 connections are open/)
    })

    it('that nobody has opened are missed in words', async () => {
      const missing =
        /No client has connected to wss:\/\/example\.com\/prod: did a mounted component call useWebSocketClient/
      assert.match(await failureOf(test.server.connected(1, { waitMs: 20 })), missing)
    })

    it('to another URL are real ones, and named without their tokens where one is missed', async () => {
      test.server.close()
      const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
      const Real = fakeSockets()
      globalThis.WebSocket = Real
      test.server = fakeServer({ url })
      const { client } = test.make({ url: 'wss://example.com/prood', token: () => 'secret' })
      void client.open()
      await until(() => Real.instances.length === 1, 'a real socket')
      const failure = await failureOf(test.server.connected(1, { waitMs: 20 }))
      assert.match(failure, /Sockets were opened to wss:\/\/example\.com\/prood instead\.$/)
      test.server.close()
      assert.equal(client.state.status, 'closed', 'it has lived in the fake time')
      assert.equal(globalThis.WebSocket, Real)
      delete globalThis.WebSocket
      if (before) Object.defineProperty(globalThis, 'WebSocket', before)
    })

    it('of a WebSocket without Everwire are served, too', async () => {
      const told = []
      const socket = new WebSocket(`${url}?token=t`)
      for (const type of ['open', 'message', 'close'])
        socket.addEventListener(type, (event) => told.push(event))
      assert.equal(socket.readyState, WebSocket.CONNECTING)
      assert.throws(() => socket.send('early'), { name: 'InvalidStateError' })
      await test.server.connected()
      test.server.push({ n: 1 })
      assert.throws(() => socket.close(1001), { name: 'InvalidAccessError' })
      socket.close(1000, 'done')
      await test.server.advance(0)
      assert.deepEqual(
        told.map(({ type }) => type),
        ['open', 'message', 'close'],
      )
      assert.equal(told[1].data, '{"n":1}')
      assert.deepEqual([told[2].code, told[2].reason, told[2].wasClean], [1000, 'done', true])
    })

    it('cannot be had of a server that was closed', async () => {
      test.server.close()
      assert.throws(() => test.server.push({}), /this fake server was closed: make another one/)
      assert.match(await failureOf(test.server.connected()), /this fake server was closed/)
    })
  })
}
