import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { until } from '../watch.mjs'
import { raise, useServer } from './setting.mjs'

export function describeSending() {
  describe('sending', () => {
    const { server, make, open } = useServer()

    it('sends at once when open', async () => {
      const { client } = make()
      await client.open()
      await client.send({ action: 'markRead', id: 7 })
      await until(() => server.received.length === 1, 'the message')
      assert.deepEqual(server.received, [{ action: 'markRead', id: 7 }])
    })

    it('keeps messages for the next socket, in order', async () => {
      const { client, watch } = make()
      void client.open()
      await client.send(1)
      await until(() => server.received.length === 1, 'the first message')
      await server.stop()
      await watch.status('waiting')
      const more = [2, 3, 4].map(client.send)
      await server.start()
      await Promise.all(more)
      await until(() => server.received.length === 4, 'all messages')
      assert.deepEqual(server.received, [1, 2, 3, 4])
    })

    it('refuses a message when it is closed, when too many wait, and when it is not JSON', async () => {
      const { client } = make({ maxQueuedMessages: 1, token: () => new Promise(() => undefined) })
      await assert.rejects(client.send(1), { code: 'closed' })
      const circular = {}
      circular.self = circular
      await assert.rejects(client.send(circular), { code: 'not-serializable' })
      await assert.rejects(client.send(undefined), { code: 'not-serializable' })
      void client.open()
      const waits = client.send(1)
      await assert.rejects(client.send(2), { code: 'outbox-full' })
      client.close()
      await assert.rejects(waits, { code: 'closed' })
    })

    it('works on when its memory has grown', async () => {
      const { client, watch } = make({ maxQueuedMessages: 65_536, token: () => 'good' })
      await client.open()
      await server.stop()
      await watch.status('waiting')
      const numbers = Array.from({ length: 20_000 }, (_, i) => i)
      const sending = numbers.map(client.send)
      await server.start()
      await Promise.all(sending)
      await until(() => server.received.length === numbers.length, 'all messages')
      assert.deepEqual(server.received, numbers)
      assert.deepEqual(
        server.handshakes.map(({ search }) => search),
        ['?token=good', '?token=good'],
      )
    })

    it('keeps the order of messages sent while it is loaded and from its first events', async () => {
      const { client } = make()
      client.addEventListener('statechange', ({ state }) => {
        if (state.cause === 'open-called' || state.cause === 'token-ready') void client.send(state.cause)
      })
      void client.open()
      void client.send('after open')
      await until(() => server.received.length === 3, 'all messages')
      assert.deepEqual(server.received, ['open-called', 'after open', 'token-ready'])
    })

    it('keeps that order, too, for a client that was open before', async () => {
      const { client } = await open()
      client.close()
      client.addEventListener('statechange', ({ state }) => {
        if (state.cause === 'open-called') void client.send('open-called')
      })
      client.expectOpen()
      void client.send('before open')
      client.openExpected(true)
      await until(() => server.received.length === 2, 'both messages')
      assert.deepEqual(server.received, ['before open', 'open-called'])
    })

    it('drops a message that waits longer than it is worth for the core', async () => {
      const { client } = make()
      client.expectOpen()
      const sending = client.send('late', { ttlMs: 1 })
      await assert.rejects(sending, { code: 'expired' })
      client.openExpected(true)
      await client.send('in time')
      await until(() => server.received.length > 0, 'a message')
      assert.deepEqual(server.received, ['in time'])
    })

    describe('says what becomes of a message', () => {
      it('queued, then handed over', async () => {
        const { client } = make()
        void client.open()
        const sending = client.send(1)
        assert.equal(sending.state, 'queued')
        assert.equal(await sending, 'handed-over')
        assert.equal(sending.state, 'handed-over')
      })

      it('handed over, then acknowledged when its id comes back, in no event', async () => {
        const { client, watch } = await open()
        const sending = client.send({ action: 'pay' }, { acknowledge: true })
        assert.equal(sending.state, 'handed-over')
        await until(() => server.received.length === 1, 'the message')
        const [{ id, action }] = server.received
        assert.equal(action, 'pay')
        server.push(JSON.stringify({ id }))
        assert.equal(await sending, 'acknowledged')
        assert.equal(sending.state, 'acknowledged')
        assert.deepEqual(watch.messages, [])
      })

      it('unknown when the socket is lost before the answer', async () => {
        const { client } = await open()
        const sending = client.send({ action: 'pay' }, { acknowledge: true })
        server.cutSockets()
        assert.equal(await sending, 'unknown')
        assert.equal(sending.state, 'unknown')
      })

      it('unknown when its time is up, or the app wants it back, after it was handed over', async () => {
        const { client } = await open()
        assert.equal(await client.send({}, { acknowledge: true, timeoutMs: 10 }), 'unknown')
        const controller = new AbortController()
        const sending = client.send({}, { acknowledge: true, signal: controller.signal })
        controller.abort()
        assert.equal(await sending, 'unknown')
      })

      it('dropped when it is closed, with the reason', async () => {
        const { client, watch } = await open()
        await server.stop()
        await watch.status('waiting')
        const sending = client.send(1)
        client.close()
        await assert.rejects(sending, { code: 'closed' })
        assert.equal(sending.state, 'dropped')
        await server.start()
      })

      it('dropped when the connection is given up, with why', async () => {
        const { client } = make({ maxAttempts: 2 })
        server.refusal = 403
        void client.open()
        await assert.rejects(client.send(1), { code: 'attempts-exhausted' })
      })
    })

    describe('while there is no socket', () => {
      /** A client whose messages wait until `reopen`. */
      async function away(options) {
        const { client, watch } = await open({ firstRetryMs: 3_600_000, maxRetryMs: 3_600_000, ...options })
        server.cutSockets()
        await watch.status('waiting')
        return { client, reopen: client.reconnect }
      }

      it('lets the oldest make room, if so wished', async () => {
        const { client, reopen } = await away({ maxQueuedMessages: 2, overflow: 'drop-oldest' })
        const [first, ...rest] = [1, 2, 3].map((n) => client.send(n))
        await assert.rejects(first, { code: 'outbox-full' })
        reopen()
        await Promise.all(rest)
        await until(() => server.received.length === 2, 'both')
        assert.deepEqual(server.received, [2, 3])
      })

      it('refuses more bytes than may wait, as UTF-8 has them', async () => {
        const { client } = await away({ maxQueuedBytes: 14 })
        // Quotes, an umlaut of two bytes, a euro sign of three; quotes and a clef of four.
        const fits = [client.send('aä€'), client.send('𝄞')]
        await assert.rejects(client.send(1), { code: 'outbox-full', message: /maxQueuedBytes/ })
        for (const sending of fits) assert.equal(sending.state, 'queued')
        assert.equal(client.explain().counters.queued, 2)
      })

      it('keeps only the latest message of a key', async () => {
        const { client, reopen } = await away()
        const first = client.send('cursor 1', { key: 'cursor' })
        const other = client.send('other', { key: 'other' })
        const last = client.send('cursor 2', { key: 'cursor' })
        await assert.rejects(first, { code: 'superseded' })
        reopen()
        await Promise.all([other, last])
        await until(() => server.received.length === 2, 'both')
        assert.deepEqual(server.received, ['other', 'cursor 2'])
      })

      it('drops a message that has waited longer than it is worth', async () => {
        const { client } = await away({ maxQueuedMs: 10 })
        await assert.rejects(client.send(1), { code: 'expired' })
        const worthy = client.send(2, { ttlMs: 3_600_000 })
        await assert.rejects(client.send(3, { ttlMs: 5 }), { code: 'expired' })
        assert.equal(worthy.state, 'queued')
      })

      it('drops a message that was not sent in the time it was given', async () => {
        const { client, reopen } = await away()
        await assert.rejects(client.send(1, { timeoutMs: 5 }), {
          code: 'timed-out',
          message: /within timeoutMs/,
        })
        const patient = client.send(2, { timeoutMs: Infinity })
        reopen()
        assert.equal(await patient, 'handed-over')
        await until(() => server.received.length === 1, 'the other')
        assert.deepEqual(server.received, [2])
      })

      it('takes a message back by its signal, which makes room for another', async () => {
        const { client, reopen } = await away({ maxQueuedMessages: 3 })
        const controller = new AbortController()
        const { signal } = controller
        const sending = ['a', 'b', 'c'].map((text) => client.send(text, text === 'b' ? { signal } : {}))
        controller.abort(new Error('changed my mind'))
        await assert.rejects(sending[1], /changed my mind/)
        await assert.rejects(client.send('never', { signal }), /changed my mind/)
        const last = client.send('d')
        reopen()
        await Promise.all([sending[0], sending[2], last])
        await until(() => server.received.length === 3, 'the others')
        assert.deepEqual(server.received, ['a', 'c', 'd'])
      })
    })

    it('takes a message back by a signal that is not of this realm, as those of jsdom are', async () => {
      const { client } = make({ token: () => new Promise(() => undefined) })
      void client.open()
      const signal = Object.assign(new EventTarget(), { aborted: false, reason: undefined })
      const sending = client.send(1, { signal })
      Object.assign(signal, { aborted: true, reason: 'gone' })
      signal.dispatchEvent(new Event('abort'))
      await assert.rejects(sending, (reason) => reason === 'gone')
    })

    it('takes no notice of a signal that comes when the message has gone', async () => {
      const { client } = await open()
      const controller = new AbortController()
      const sending = client.send(1, { signal: controller.signal })
      controller.abort()
      assert.equal(await sending, 'handed-over')
    })

    it('takes a message back that is sent with an aborted signal while it is loaded', async () => {
      const { client } = make()
      void client.open()
      const taken = client.send(1, { signal: AbortSignal.abort(new Error('no')), timeoutMs: 3_600_000 })
      await assert.rejects(taken, /no/)
      await client.send(2)
      await until(() => server.received.length === 1, 'the other')
      assert.deepEqual(server.received, [2])
    })

    describe('while it is loaded', () => {
      it('keeps no more messages than may wait, and none for longer than its time', async () => {
        const { client, watch } = make({ maxQueuedMessages: 2, token: () => new Promise(() => undefined) })
        void client.open()
        const [late, kept, refused] = [client.send(1, { timeoutMs: 0 }), client.send(2), client.send(3)]
        await assert.rejects(refused, { code: 'outbox-full' })
        await assert.rejects(late, { code: 'timed-out' })
        assert.equal(kept.state, 'queued')
        assert.deepEqual(
          watch.problems.map(({ error }) => error.code),
          ['outbox-full'],
        )
      })
    })

    it('tells of a message that is dropped though nobody waits for what becomes of it', async () => {
      const { client, watch } = make()
      void client.send({ action: 'subscribe' })
      void client.send(1n)
      await client.open()
      void client.send('x'.repeat(40_000))
      await watch.problem('message-too-big')
      assert.deepEqual(
        watch.problems.map(({ error }) => error.code),
        ['closed', 'not-serializable', 'message-too-big'],
      )
    })

    it('has the latest of a key wait once, though one between was refused', async () => {
      const { client, watch } = make({ firstRetryMs: 60_000, maxRetryMs: 60_000 })
      await client.open()
      server.cutSockets()
      await watch.status('waiting')
      const options = { key: 'k' }
      const [first, refused, last] = [1, 'x'.repeat(40_000), 2].map((it) => client.send(it, options))
      await assert.rejects(refused, { code: 'message-too-big' })
      await assert.rejects(first, { code: 'superseded' })
      client.reconnect()
      await last
      await until(() => server.received.length === 1, 'the last')
      assert.deepEqual(server.received, [2])
    })

    it('refuses a message that the service would not take, and names the limit', async () => {
      const { client } = await open()
      const most = 'x'.repeat(32_766)
      assert.equal(await client.send(most), 'handed-over')
      await assert.rejects(client.send(`${most}x`), { code: 'message-too-big', message: /maxFrameBytes/ })
      await assert.rejects(client.send(`${most.slice(1)}ä`), { code: 'message-too-big' })
      const generic = await open({ profile: 'generic' })
      assert.equal(await generic.client.send(`${most}x`), 'handed-over')
    })

    it('tells the culprit of a close with 1009, and sends none of its size again', async () => {
      server.onMessage = (message, socket) => {
        if (message.length > 50) socket.close(1009)
      }
      const { client, watch } = await open()
      const big = 'x'.repeat(100)
      await client.send('small')
      await client.send(big)
      const { error, data } = await watch.problem('message-too-big')
      assert.match(error.message, /102 bytes .* 1009/)
      assert.equal(data, JSON.stringify(big))
      await watch.status('open')
      await assert.rejects(client.send(big), { code: 'message-too-big' })
      assert.equal(await client.send('small again'), 'handed-over')
      await until(() => server.received.length === 3, 'the last')
      assert.equal(server.handshakes.length, 2)
    })

    it('holds messages back while a socket has too many bytes to send, and keeps their order', async () => {
      const { client } = await open({
        highWaterBytes: 100_000,
        maxQueuedMessages: 1000,
        maxQueuedBytes: 100_000_000,
      })
      server.freezeSockets()
      const text = 'x'.repeat(30_000)
      const sending = Array.from({ length: 400 }, (_, n) => client.send(`${n} ${text}`))
      const counters = () => client.explain().counters
      assert.ok(counters().queued > 0, 'some wait')
      assert.ok(
        client.bufferedAmount > 100_000 && client.bufferedAmount < 200_000,
        `${client.bufferedAmount} B`,
      )
      let isDrained = false
      const draining = client.drained().then(() => (isDrained = true))
      for (const socket of server.sockets) socket.resume()
      await Promise.all(sending)
      assert.equal(isDrained, false)
      await draining
      assert.deepEqual([client.bufferedAmount, counters().queued], [0, 0])
      await until(() => server.received.length === 400, 'all')
      assert.deepEqual(
        server.received.map((it) => parseInt(it)),
        sending.map((_, n) => n),
      )
    })

    it('is not drained while messages wait for it to be loaded, and ends a wait for it by a signal', async () => {
      const { client } = make()
      await client.drained()
      void client.open()
      const sending = client.send(1)
      const controller = new AbortController()
      const draining = client.drained({ signal: controller.signal })
      await client.drained()
      assert.equal(sending.state, 'handed-over')
      await draining
      controller.abort(new Error('enough'))
      server.freezeSockets()
      const other = make({ token: () => new Promise(() => undefined) })
      void other.client.open()
      void other.client.send(1)
      await assert.rejects(other.client.drained({ signal: controller.signal }), /enough/)
    })

    it('refuses to wait for an answer to what cannot have an id', async () => {
      const { client } = await open()
      for (const message of [null, [1], 'text', undefined, () => undefined]) {
        const sending = client.send(message, { acknowledge: true })
        await assert.rejects(sending, { code: 'not-serializable', message: /must be an object/ })
      }
    })

    it('sends what a message says that it is as JSON, with the id', async () => {
      const { client } = await open()
      void client.send({ toJSON: () => ({ action: 'a' }) }, { acknowledge: true })
      await until(() => server.received.length === 1, 'the message')
      assert.deepEqual(Object.keys(server.received[0]), ['action', 'id'])
    })
  })

  describe('greeting the server', () => {
    const { server, make, open } = useServer()

    it('goes before all messages, on every socket', async () => {
      let greetings = 0
      const { client, watch } = make({ hello: async () => ({ hello: ++greetings }) })
      void client.open()
      await client.send(1)
      await until(() => server.received.length === 2, 'the first message')
      server.cutSockets()
      await watch.status('waiting')
      await client.send(2)
      await until(() => server.received.length === 4, 'the second message')
      await client.rotate()
      await client.send(3)
      await until(() => server.received.length === 6, 'all')
      assert.deepEqual(server.received, [{ hello: 1 }, 1, { hello: 2 }, 2, { hello: 3 }, 3])
    })

    it('is a message that is always the same, or none', async () => {
      const { client } = await open({ hello: { hi: true } })
      await client.send(1)
      const silent = await open({ hello: () => undefined })
      await silent.client.send(2)
      await until(() => server.received.length === 3, 'all')
      assert.deepEqual(server.received, [{ hi: true }, 1, 2])
    })

    for (const [how, fail] of [
      ['throws', () => raise(new Error('no'))],
      ['rejects', () => Promise.reject(new Error('no'))],
      ['gives what is not JSON', () => 1n],
      ['does not settle', () => new Promise(() => undefined)],
    ]) {
      it(`is tried again on another socket where it ${how}, and no message goes first`, async () => {
        let calls = 0
        const hello = () => (++calls === 1 ? fail() : 'hello')
        const { client, watch } = make({ hello, tokenTimeoutMs: 100 })
        void client.open()
        await client.send(1)
        await watch.problem('greeting-failed')
        await until(() => server.received.includes(1), 'the message')
        // One greeting, unless this process was kept from running and greeted too late.
        assert.deepEqual(server.received.slice(-2), ['hello', 1])
        assert.equal(server.received.indexOf(1), server.received.length - 1)
        assert.equal(server.handshakes.length, calls)
      })
    }
  })
}
