import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WEBSOCKET_EVENT, WSEvent } from '../../dist/index.js'
import { gatewayFrame } from '../server.mjs'
import { until } from '../watch.mjs'
import { raise, useServer } from './setting.mjs'

export function describeReceiving() {
  describe('receiving', () => {
    const { server, make, open } = useServer()

    it('dispatches each message as a WSEvent, parsed', async () => {
      const { client } = make()
      const events = []
      client.addEventListener(WEBSOCKET_EVENT, (event) => events.push(event))
      await client.open()
      server.push('{"title":"Hi","n":[1,null]}')
      await until(() => events.length === 1, 'a message')
      assert.ok(events[0] instanceof WSEvent)
      assert.equal(events[0].type, 'onwebsocketmessage')
      assert.deepEqual(events[0].message, { title: 'Hi', n: [1, null] })
    })

    it('reports a frame that is not JSON, with the frame, and lives on', async () => {
      const { client, watch } = make()
      await client.open()
      server.push('{"half":')
      const { error, data } = await watch.problem('not-json')
      assert.equal(data, '{"half":')
      assert.match(error.message, /not JSON/)
      server.push('{"whole":true}')
      await until(() => watch.messages.length === 1, 'the next message')
      assert.equal(server.handshakes.length, 1)
    })

    it('reports a binary frame and lives on', async () => {
      const { client, watch } = make()
      await client.open()
      server.push(Buffer.from([1, 2]))
      await watch.problem('not-text')
      assert.ok(client.isConnected)
    })

    it('passes over an empty frame, as the original does', async () => {
      const { client, watch } = make()
      await client.open()
      server.push('')
      server.push('1')
      await until(() => watch.messages.length === 1, 'the next message')
      assert.deepEqual(watch.problems, [])
    })

    it('gives a binary frame as it came', async () => {
      const { watch } = await open()
      server.push(Buffer.from([1, 2]))
      const { data, error } = await watch.problem('not-text')
      assert.deepEqual([...new Uint8Array(data)], [1, 2])
      assert.match(error.message, /binary/)
    })

    it('dispatches a message once that comes twice, by its id, and tells the id', async () => {
      const { client, watch } = await open()
      const ids = []
      client.addEventListener(WEBSOCKET_EVENT, ({ id }) => ids.push(id))
      for (const id of ['a', 'b', 'a']) server.push(JSON.stringify({ text: id, everwire: { id } }))
      server.push('{"text":"no id"}')
      server.push('{"text":"no id"}')
      await watch.count(4)
      assert.deepEqual(
        watch.messages,
        ['a', 'b', 'no id', 'no id'].map((text) => ({ text })),
      )
      assert.deepEqual(ids, ['a', 'b', undefined, undefined])
      assert.equal(client.explain().counters.duplicates, 1)
    })

    it('takes a message for an ordinary one that only resembles an error frame of the gateway', async () => {
      const { watch } = await open()
      const frame = JSON.parse(gatewayFrame('Forbidden'))
      const resembling = [
        { ...frame, more: 1 },
        { ...frame, requestId: 5 },
        { message: 'Forbidden' },
        [frame],
      ]
      for (const message of resembling) server.push(JSON.stringify(message))
      await watch.count(4)
      assert.deepEqual(watch.messages, resembling)
      server.push(JSON.stringify(frame))
      const { error, data } = await watch.problem('gateway-error')
      assert.equal(error.gatewayMessage, 'Forbidden')
      assert.deepEqual(data, frame)
      const { requestId, ...refused } = frame
      server.push(JSON.stringify({ ...refused, messageId: requestId }))
      await until(() => watch.problems.length === 2, 'the frame of a model that refuses')
      assert.equal(watch.messages.length, 4)
    })

    it('calls a handler with the messages of its action, until that ends', async () => {
      const { client, watch } = await open({ actionField: 'type' })
      const chats = []
      const end = client.on('chat', (message, event) => {
        assert.equal(event.message, message)
        chats.push(message.text)
      })
      for (const message of [{ type: 'chat', text: 1 }, { type: 'other' }, null, 'chat', ['chat']]) {
        server.push(JSON.stringify(message))
      }
      await watch.count(5)
      end()
      server.push('{"type":"chat","text":2}')
      await watch.count(6)
      assert.deepEqual(chats, [1])
    })

    describe('a gap', () => {
      it('is told when the connection is back, with how long and why', async () => {
        const { client, watch } = await open()
        const since = Date.now()
        server.cutSockets()
        await until(() => watch.gaps.length === 1, 'the gap')
        const [{ ms, lost }] = watch.gaps
        assert.ok(ms >= 0 && ms <= Date.now() - since + 100, `${ms} ms`)
        assert.equal(lost.cause, 'socket-closed')
        assert.equal(lost.closeCode, 1006)
        assert.ok(client.isConnected)
      })

      it('is counted from the last frame on', async () => {
        const { client, watch } = await open()
        await watch.cause('stable')
        const opened = Date.now()
        let heard
        client.addEventListener(WEBSOCKET_EVENT, () => (heard = Date.now()))
        await until(() => Date.now() > opened + 100, 'some silence')
        server.push('1')
        server.closeSockets(1012)
        await until(() => watch.gaps.length === 1, 'the gap')
        const { ms } = watch.gaps[0]
        assert.ok(heard && ms < Date.now() - heard + 50, `${ms} ms`)
      })

      it('is over whatever was tried in between, and has no other after it', async () => {
        const { watch } = await open()
        await server.stop()
        await until(() => watch.problems.length === 2, 'failures')
        await server.start()
        await until(() => watch.gaps.length === 1, 'the gap')
        assert.equal(watch.gaps[0].lost.cause, 'socket-closed')
        await watch.cause('stable')
        assert.equal(watch.gaps.length, 1)
      })

      it('is none at first, nor after the app has closed and opened', async () => {
        const { client, watch } = await open()
        client.close()
        await client.open()
        server.push('1')
        await watch.count(1)
        assert.deepEqual(watch.gaps, [])
      })
    })

    describe('with a schema', () => {
      const schema = (validate) => ({ '~standard': { version: 1, vendor: 'test', validate } })
      const even = (n) => (n % 2 === 0 ? { value: `${n}` } : { issues: [{ message: 'odd' }] })

      it('gives what the schema makes of a message, and tells what is invalid', async () => {
        const { watch } = await open({ schema: schema(even) })
        for (const n of [2, 3, 4]) server.push(String(n))
        await watch.count(2)
        assert.deepEqual(watch.messages, ['2', '4'])
        assert.deepEqual(
          watch.invalid.map(({ data, issues }) => [data, issues]),
          [[3, [{ message: 'odd' }]]],
        )
      })

      it('keeps the order where the schema takes its time, for some of the messages', async () => {
        const later = []
        const slow = (n) => (n < 3 ? new Promise((done) => later.unshift(() => done(even(n)))) : even(n))
        const { watch } = await open({ schema: schema(slow) })
        const told = []
        watch.client.addEventListener('invalid', ({ data }) => told.push(data))
        watch.client.addEventListener(WEBSOCKET_EVENT, ({ message }) => told.push(Number(message)))
        for (const n of [0, 1, 2, 3, 4]) server.push(String(n))
        await until(() => later.length === 3, 'the slow ones')
        for (const done of later) done()
        await until(() => told.length === 5, 'all')
        assert.deepEqual(told, [0, 1, 2, 3, 4])
      })

      for (const [how, validate] of [
        ['throws', () => raise(new Error('bad schema'))],
        ['rejects', () => Promise.reject(new Error('bad schema'))],
        ['gives nothing', () => undefined],
        ['promises nothing', () => Promise.resolve(null)],
        ['throws what has no text', () => raise(Object.create(null))],
      ]) {
        it(`finds a message invalid where the schema ${how}, and goes on with the next`, async () => {
          let calls = 0
          const { watch } = await open({ schema: schema((n) => (++calls === 1 ? validate() : { value: n })) })
          server.push('1')
          server.push('2')
          await watch.count(1)
          assert.deepEqual(watch.messages, [2])
          assert.equal(watch.invalid.length, 1)
          assert.equal(typeof watch.invalid[0].issues[0].message, 'string')
        })
      }

      it('tells no message after close that the schema was still busy with', async () => {
        let done
        const slow = (n) =>
          n === 1 ? new Promise((resolve) => (done = () => resolve({ value: n }))) : { value: n }
        const { client, watch } = await open({ schema: schema(slow) })
        server.push('1')
        await until(() => done, 'the message')
        client.close()
        done()
        await client.open()
        server.push('2')
        await watch.count(1)
        assert.deepEqual(watch.messages, [2])
      })
    })

    describe('in a loop', () => {
      /** What a loop gets, in the order of coming; settles as the loop does. */
      function loop(queue, got, enough = Infinity) {
        return (async () => {
          for await (const message of queue) {
            got.push(message)
            if (got.length === enough) break
          }
        })()
      }

      it('gives the messages in order, from the moment when it is asked for', async () => {
        const { client } = await open()
        const got = []
        const looping = loop(client, got, 3)
        for (const n of [1, 2, 3, 4]) server.push(String(n))
        await looping
        assert.deepEqual(got, [1, 2, 3])
      })

      it('drops the oldest where more wait than may, and counts them', async () => {
        const { client, watch } = await open()
        const queue = client.messages({ limit: 2 })
        for (const n of [1, 2, 3, 4, 5]) server.push(String(n))
        await watch.count(5)
        assert.equal(queue.dropped, 3)
        const got = []
        await loop(queue, got, 2)
        assert.deepEqual(got, [4, 5])
      })

      it('throws where more wait than may, if so wished, after what came before', async () => {
        const { client, watch } = await open()
        const queue = client.messages({ limit: 2, overflow: 'error' })
        for (const n of [1, 2, 3]) server.push(String(n))
        await watch.count(3)
        const got = []
        await assert.rejects(loop(queue, got), { code: 'inbox-full', message: /more than 2 messages/ })
        assert.deepEqual(got, [1, 2])
        assert.deepEqual(await queue.next(), { done: true, value: undefined })
      })

      it('ends with break, and then takes no more', async () => {
        const { client, watch } = await open()
        const queue = client.messages()
        const got = []
        const looping = loop(queue, got, 1)
        server.push('1')
        server.push('2')
        await looping
        await watch.count(2)
        assert.deepEqual(await queue.next(), { done: true, value: undefined })
      })

      it('ends by its signal, while it waits or before it begins', async () => {
        const { client } = await open()
        const controller = new AbortController()
        const looping = loop(client.messages({ signal: controller.signal }), [])
        controller.abort()
        await looping
        await loop(client.messages({ signal: controller.signal }), [])
      })

      it('outlives a lost socket, and ends when the client is closed', async () => {
        const { client, watch } = await open()
        const got = []
        const looping = loop(client.messages(), got)
        server.cutSockets()
        await watch.status('waiting')
        await watch.status('open')
        server.push('1')
        await watch.count(1)
        client.close()
        await looping
        assert.deepEqual(got, [1])
      })

      it('ends when the client is closed, even if a listener opens it again at once', async () => {
        const { client, watch } = await open()
        client.addEventListener('error', () => {
          client.close()
          void client.open()
        })
        const looping = loop(client.messages(), [])
        server.push('not JSON')
        await looping
        await watch.status('open')
      })

      it('refuses a limit that is none', () => {
        const { client } = make()
        assert.throws(() => client.messages({ limit: 0 }), {
          code: 'invalid-option',
          message: /limit must be/,
        })
        assert.throws(() => client.messages({ overflow: 'explode' }), {
          code: 'invalid-option',
          message: /overflow/,
        })
      })
    })
  })
}
