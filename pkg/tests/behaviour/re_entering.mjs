import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeSockets } from '../fake_socket.mjs'
import { until } from '../watch.mjs'
import { raise, uncaughtIn, useServer } from './setting.mjs'

export function describeReEntering() {
  describe('called back from its own events', () => {
    const { server, make } = useServer()

    it('lets a listener call it back from inside any event', async () => {
      const { client, watch } = make()
      client.addEventListener('statechange', ({ state }) => {
        if (state.status === 'open' && server.handshakes.length < 3) {
          void client.send(server.handshakes.length)
          client.reconnect()
        }
      })
      client.addEventListener('statechange', ({ state }) => {
        if (state.cause === 'reconnect-called') void client.open()
      })
      await client.open()
      await until(() => server.handshakes.length >= 3, 'three sockets')
      await watch.status('open')
      await until(() => server.sockets.size === 1, 'one socket')
    })

    it('lets a listener close it and open it again in one event', async () => {
      const { client, watch } = make()
      let again
      client.addEventListener('statechange', ({ state }) => {
        if (state.status !== 'open' || again) return
        client.close()
        again = client.open()
      })
      await client.open()
      await again
      await watch.status('open')
      await until(() => server.sockets.size === 1, 'one socket')
    })

    it('lets the token function, the greeting, the schema and the log call anything', async () => {
      const called = new Set()
      const everything = (where) => {
        if (called.has(where)) return
        called.add(where)
        void client.open()
        void client.send(where)
        void client.request({ where }, { timeoutMs: 10 }).catch(() => undefined)
        client.on('any', () => undefined)()
        void client.rotate().catch(() => undefined)
        client.explain()
        client.reconnect()
      }
      const validate = (value) => {
        everything('schema')
        return { value }
      }
      const { client, watch } = make({
        token: () => everything('token'),
        hello: () => everything('hello'),
        log: () => everything('log'),
        schema: { '~standard': { version: 1, vendor: 'test', validate } },
      })
      for (const type of ['statechange', 'error', 'onwebsocketmessage', 'gap']) {
        client.addEventListener(type, () => everything(type))
      }
      void client.open()
      const pushing = setInterval(() => {
        server.push('not JSON')
        server.push('1')
      }, 1)
      const names = ['token', 'hello', 'log', 'schema', 'statechange', 'error', 'onwebsocketmessage', 'gap']
      await until(() => called.size === names.length, `all of ${names}, not only ${[...called]}`)
      clearInterval(pushing)
      await watch.status('open')
      const messages = () => server.received.filter((it) => typeof it === 'string').sort()
      await until(() => messages().length === names.length, 'every message once')
      assert.deepEqual(messages(), names.sort())
      await until(() => server.sockets.size === 1, 'one socket')
    })

    it('lets whoever waits for a token close it when that is called off', async () => {
      const token = ({ signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            client.close()
            statuses.push(client.state.status)
          })
        })
      const statuses = []
      const { client } = make({ token })
      const opening = client.open()
      await client.open({ signal: AbortSignal.timeout(20) }).catch(() => undefined)
      client.reconnect()
      await assert.rejects(opening, { code: 'closed' })
      assert.equal(statuses[0], 'closed')
    })

    it('goes on where a listener throws', async () => {
      const thrown = await uncaughtIn(async (sofar) => {
        const { client, watch } = make()
        for (const type of ['statechange', 'error', 'onwebsocketmessage', 'gap']) {
          client.addEventListener(type, () => raise(new Error(type)))
        }
        client.on('chat', () => raise(new Error('handler')))
        await client.open()
        server.push('not JSON')
        server.push('{"action":"chat"}')
        await watch.count(1)
        server.cutSockets()
        await until(() => sofar.some(({ message }) => message === 'gap') && client.isConnected, 'the gap')
        assert.equal(await client.send(1), 'handed-over')
        const { length } = sofar
        client.close()
        await until(() => sofar.length > length, 'the last error')
      })
      const types = new Set(thrown.map(({ message }) => message))
      assert.deepEqual([...types].sort(), ['error', 'gap', 'handler', 'onwebsocketmessage', 'statechange'])
    })
  })

  describe('with a class of sockets that calls from inside its calls', () => {
    const { make } = useServer()

    /** An open client on such sockets. */
    async function open(behaviour, options) {
      const Socket = fakeSockets({
        constructed: (socket) => queueMicrotask(() => socket.open()),
        ...behaviour,
      })
      const made = make({ WebSocket: Socket, ...options })
      await made.client.open()
      return { ...made, Socket }
    }

    it('takes an answer that comes before send() has returned', async () => {
      const sent = (socket, text) => socket.bring({ ...JSON.parse(text), answered: true })
      const { client, watch } = await open({ sent })
      assert.equal((await client.request({})).answered, true)
      const sending = client.send({}, { acknowledge: true })
      assert.equal(await sending, 'acknowledged')
      assert.equal(sending.state, 'acknowledged')
      assert.deepEqual(watch.messages, [])
    })

    it('takes an answer to a heartbeat that comes before send() has returned', async () => {
      const sent = (socket, text) => socket.bring({ id: JSON.parse(text).id })
      const { client, watch } = await open({ sent }, { heartbeatMs: 3_600_000 })
      await until(() => client.explain().counters.rttMs !== undefined, 'the answer')
      assert.deepEqual(watch.messages, [])
    })

    it('tells a message that comes inside of send() when the machine is at rest', async () => {
      const { client, Socket } = await open({ sent: (socket) => socket.bring('"echo"') })
      const told = []
      client.addEventListener('onwebsocketmessage', ({ message }) => {
        client.close()
        told.push([message, client.state.status])
      })
      void client.send(1)
      assert.deepEqual(told, [['echo', 'closed']])
      assert.equal(Socket.instances.length, 1)
    })

    it('does not know what became of a message whose send() lost the socket', async () => {
      let isFirst = true
      const sent = (socket) => {
        if (isFirst) socket.end(1006)
        isFirst = false
      }
      const { client, watch, Socket } = await open({ sent })
      assert.equal(await client.send({}, { acknowledge: true }), 'unknown')
      await watch.status('open')
      assert.equal(Socket.instances.length, 2)
      assert.deepEqual(Socket.instances[1].sent, [])
    })

    it('hears of what happens while it begins to listen', async () => {
      let tries = 0
      const constructed = (socket) => {
        tries += 1
        const isGood = tries > 2
        // Each event waits for whoever listens, as those of a wrapper of a socket may do.
        const tell = (type, event) =>
          Object.defineProperty(socket, type, {
            set(then) {
              then?.(event)
            },
          })
        if (!isGood) return tell('onclose', { code: 1006, reason: '' })
        socket.readyState = 1
        tell('onopen', {})
        tell('onmessage', { data: '"early"' })
      }
      const { client, watch, Socket } = await open({ constructed })
      await watch.count(1)
      assert.deepEqual(watch.messages, ['early'])
      assert.equal(Socket.instances.length, 3)
      assert.equal(client.bufferedAmount, 0)
    })

    it('outlives a socket that throws from send() and from close()', async () => {
      let isBroken = true
      const { client, watch, Socket } = await open({
        sent: () => isBroken && raise(new Error('broken')),
        closed: () => raise(new Error('broken')),
      })
      const sending = client.send(1)
      assert.equal(sending.state, 'queued')
      isBroken = false
      client.reconnect()
      assert.equal(await sending, 'handed-over')
      assert.deepEqual(Socket.instances[1].sent, ['1'])
      client.close()
      assert.equal(client.state.status, 'closed')
      assert.deepEqual(watch.problems, [])
    })

    it('does not listen to a socket that it has closed', async () => {
      const closed = (socket, code) => {
        socket.bring('"too late"')
        socket.end(code)
      }
      const { client, watch } = await open({ closed })
      client.reconnect()
      await client.open()
      assert.deepEqual(watch.messages, [])
      client.close()
      assert.deepEqual(watch.messages, [])
      assert.equal(watch.states.filter(({ status }) => status === 'waiting').length, 0)
    })
  })
}
