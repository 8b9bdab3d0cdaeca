import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import WSClient from '../../dist/index.js'
import { fakeServer } from '../../dist/testing.js'
import { failureOf, url, useFakeServer } from './setting.mjs'

export function describeMessages() {
  describe('messages through a fake server', () => {
    const test = useFakeServer()

    it('arrive before push() returns, in order', async () => {
      const { watch } = await test.open()
      test.server.push({ n: 1 }, { n: 2 })
      test.server.push([3], 'four', null)
      assert.deepEqual(watch.messages, [{ n: 1 }, { n: 2 }, [3], 'four', null])
    })

    it('go to every connection, and one connection can be pushed to alone', async () => {
      const { watch: first, connection } = await test.open()
      const { client: second, watch } = test.make()
      void second.open()
      await test.server.connected(2)
      test.server.push({ to: 'all' })
      connection.push({ to: 'first' })
      assert.deepEqual(first.messages, [{ to: 'all' }, { to: 'first' }])
      assert.deepEqual(watch.messages, [{ to: 'all' }])
    })

    it('of the app are expected by some of their members, at any depth, in any order', async () => {
      const { client } = await test.open()
      client.send({ action: 'add', item: { id: 7, tags: ['a', 'b'] } })
      client.send({ action: 'markRead', id: 7 })
      assert.deepEqual(await test.server.expect({ action: 'markRead' }), { action: 'markRead', id: 7 })
      const added = await test.server.expect({ item: { tags: ['a', 'b'] } })
      assert.equal(added.item.id, 7)
    })

    it('are expected by a function, or by the matchers of Vitest and Jest', async () => {
      const { client } = await test.open()
      client.send({ n: 1 })
      client.send({ n: 'two' })
      const anyString = { asymmetricMatch: (value) => typeof value === 'string' }
      assert.deepEqual(await test.server.expect({ n: anyString }), { n: 'two' })
      assert.deepEqual(await test.server.expect((message) => message.n < 2), { n: 1 })
    })

    it('are waited for, and each is expected once', async () => {
      const { client } = await test.open()
      const both = Promise.all([test.server.expect({ n: 1 }), test.server.expect({ n: 1 })])
      client.send({ n: 1, which: 'first' })
      client.send({ n: 1, which: 'second' })
      assert.deepEqual(
        (await both).map(({ which }) => which),
        ['first', 'second'],
      )
    })

    it('that do not come fail the wait, which lists what came instead', async () => {
      const { client } = await test.open()
      client.send({ action: 'markRead', id: 6 })
      await test.server.expect({ id: 6 })
      client.send({ action: 'markUnread', id: 7 })
      const failure = await failureOf(test.server.expect({ action: 'markRead', id: 7 }, { waitMs: 20 }))
      assert.equal(
        failure,
        `no message came that matches {"action":"markRead","id":7}; what came, the oldest first:
  {"action":"markRead","id":6} (taken by an earlier expect)
  {"action":"markUnread","id":7}
`,
      )
    })

    it('that wait for a socket are expected, too: the time passes up to the retry', async () => {
      const { client } = await test.open()
      test.server.drop()
      client.send({ n: 1 })
      await test.server.expect({ n: 1 })
    })

    it('are listed by server and connection, without heartbeats', async () => {
      const { client, connection } = await test.open()
      client.send({ n: 1 })
      assert.deepEqual(test.server.received, [{ n: 1 }])
      assert.deepEqual(connection.received, [{ n: 1 }])
      assert.equal(connection.heartbeats, 1)
    })

    it('answer requests', async () => {
      const { client } = await test.open()
      test.server.answer('unread', ({ since }) => ({ count: since + 1 }))
      test.server.answer('profile', { name: 'Ann' })
      assert.equal((await client.request({ action: 'unread', since: 2 })).count, 3)
      assert.equal((await client.request({ action: 'profile' })).name, 'Ann')
      test.server.answer('save', async () => undefined)
      assert.equal(await client.send({ action: 'save' }, { acknowledge: true }), 'acknowledged')
    })

    it('answer by the members that the app has chosen', async () => {
      test.server.close()
      test.server = fakeServer({ url, idField: 'ref', actionField: 'type' })
      const { client } = await test.open({ idField: 'ref', actionField: 'type' })
      test.server.answer('unread', { count: 3 })
      assert.equal((await client.request({ type: 'unread' })).count, 3)
    })

    it('fail as on AWS where the test wants that', async () => {
      const { client, watch } = await test.open()
      test.server.fail('unread')
      const failed = failureOf(client.request({ action: 'unread' }))
      const { error } = await watch.problem('gateway-error')
      assert.equal(error.gatewayMessage, 'Internal server error')
      await test.server.advance(30_000)
      assert.match(await failed, /the request was sent, but its answer did not come in time/)
      test.server.answer('unread', { count: 3 })
      assert.equal((await client.request({ action: 'unread' })).count, 3)
    })

    it('fail as on AWS also where nobody waits for an answer, as those without a route', async () => {
      const { client, watch } = await test.open()
      test.server.fail('markRaed', 'Forbidden')
      client.send({ action: 'markRaed' })
      const { error } = await watch.problem('gateway-error')
      assert.equal(error.gatewayMessage, 'Forbidden')
    })

    it('of more than 32 KiB end the connection with 1009, as on API Gateway', async () => {
      const { client, watch, connection } = await test.open({ maxFrameBytes: 0 })
      client.send('x'.repeat(32_767))
      await watch.problem('message-too-big')
      assert.deepEqual(connection.closed, { code: 1009, reason: 'Message too big' })
    })

    it('of more than 128 KiB cannot be pushed', async () => {
      await test.open()
      assert.throws(
        () => test.server.push('x'.repeat(131_071)),
        /has 131073 bytes, and API Gateway takes 131072/,
      )
    })

    it('that JSON cannot hold cannot be pushed', async () => {
      await test.open()
      const circle = {}
      circle.self = circle
      for (const message of [{ n: 1n }, circle])
        assert.throws(
          () => test.server.push(message),
          /^Error: the message is not JSON \(TypeError: .*: give what JSON can hold$/s,
        )
    })

    it('that are no JSON are shown as they are, and reach the client as they are', async () => {
      const { watch, connection } = await test.open()
      connection.pushText('no JSON')
      await watch.problem('not-json')
      const socket = new WebSocket(url)
      await test.server.connected(2)
      socket.send('plain text')
      assert.equal(await test.server.expect('plain text'), 'plain text')
      socket.close(4000, 'bye')
    })

    it('cannot be pushed to nobody', async () => {
      assert.throws(
        () => test.server.push({ n: 1 }),
        /no connection to push to: await server\.connected\(\) first/,
      )
      const { connection } = await test.open()
      connection.drop()
      assert.throws(() => connection.push({ n: 1 }), /this connection is closed \(1006\)/)
      assert.throws(() => test.server.push(undefined), /no connection/)
    })

    it('arrive once at a client that has two connections, in a hand-over', async () => {
      const { client, watch } = await test.open()
      await test.server.advance(1000)
      const rotated = client.rotate()
      await rotated
      assert.equal(test.server.connections.length, 2, 'the first one drains')
      test.server.push({ n: 1 })
      assert.deepEqual(watch.messages, [{ n: 1 }])
      await test.server.advance(30_000)
      assert.equal(test.server.connections.length, 1)
      assert.deepEqual(watch.gaps, [])
    })

    it('of a WSClient with another URL go elsewhere', async () => {
      const other = fakeServer({ url: 'wss://other.example.com/prod' })
      const { watch } = await test.open()
      const client = new WSClient({ url: 'wss://other.example.com/prod?x=1' })
      void client.open()
      await other.connected()
      client.send({ to: 'other' })
      other.push({ from: 'other' })
      assert.deepEqual([test.server.received, watch.messages], [[], []])
      assert.deepEqual(other.received, [{ to: 'other' }])
      other.close()
      assert.equal(watch.client.isConnected, true, 'the first server is still there')
    })
  })
}
