import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { WebSocket } from 'ws'
import WSClient, { WEBSOCKET_EVENT, WSEvent } from '../dist/index.js'
import { blackHole, Server } from './server.mjs'
import { until, Watch } from './watch.mjs'

/** Short waits, so that a test of the second retry need not take seconds. */
const QUICK = { firstRetryMs: 20, maxRetryMs: 80, stableAfterMs: 200, WebSocket }

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWEtdG9rZW4'

/** How a client behaves, on whichever engine it runs. */
export function describeBehaviour(engine) {
  describe(`a client on the engine ${engine}`, () => {
    let server
    const clients = []

    beforeEach(async () => {
      server = await Server.start()
    })
    afterEach(async () => {
      for (const client of clients.splice(0)) client.dispose()
      await server.stop()
    })

    function make(options) {
      const client = new WSClient({ url: server.url, ...QUICK, ...options })
      clients.push(client)
      return { client, watch: new Watch(client) }
    }

    it('runs on the engine that this suite is for', async () => {
      const { client } = make()
      await client.open()
      assert.equal(client.engine, engine)
    })

    it('puts the token into the query and keeps the other parameters', async () => {
      const { client } = make({ url: `${server.url}?room=1&token=old`, token: () => 'a+b/c=' })
      await client.open()
      assert.deepEqual(
        [...server.handshakes[0].searchParams],
        [
          ['room', '1'],
          ['token', 'a+b/c='],
        ],
      )
    })

    it('names the parameter as the app wishes', async () => {
      const { client } = make({ tokenParam: 'jwt', token: () => Promise.resolve('t') })
      await client.open()
      assert.equal(server.handshakes[0].search, '?jwt=t')
    })

    it('connects without a token where the token function gives none', async () => {
      for (const none of [undefined, null, '']) {
        const { client } = make({ token: () => none })
        await client.open()
      }
      assert.deepEqual(
        server.handshakes.map((url) => url.search),
        ['', '', ''],
      )
    })

    it('opens one socket, however often it is told to', async () => {
      let tokens = 0
      const { client } = make({ token: () => `token-${++tokens}` })
      await Promise.all([client.open(), client.open()])
      await client.open()
      assert.equal(server.handshakes.length, 1)
      assert.equal(tokens, 1)
    })

    it('fetches a fresh token for every attempt', async () => {
      let tokens = 0
      const { client, watch } = make({ token: () => `token-${++tokens}` })
      await client.open()
      server.cutSockets()
      await watch.status('waiting')
      await watch.status('open')
      assert.deepEqual(
        server.handshakes.map((url) => url.searchParams.get('token')),
        ['token-1', 'token-2'],
      )
    })

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
      server.cutSockets()
      await watch.status('waiting')
      const { retryAt, cause, closeCode } = client.state
      assert.equal(cause, 'socket-closed')
      assert.equal(closeCode, 1006)
      const seconds = (retryAt - Date.now()) / 1000
      assert.ok(seconds > 20 && seconds <= 60, `${seconds} s`)
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

    it('stays closed after close', async () => {
      const { client, watch } = make()
      await client.open()
      client.close()
      assert.equal(client.isConnected, false)
      await until(() => server.sockets.size === 0, 'the socket to close')
      assert.deepEqual(watch.states.map(({ status }) => status).at(-1), 'closed')
      await client.open()
      assert.equal(server.handshakes.length, 2)
    })

    it('close while waiting ends the retries', async () => {
      const { client, watch } = make()
      await client.open()
      await server.stop()
      await watch.status('waiting')
      client.close()
      const { length } = watch.states
      await server.start()
      // Another client lives through a whole wait, which is longer than what was left of this one's.
      const other = make()
      await other.client.open()
      server.cutSockets()
      await other.watch.status('waiting')
      await other.watch.status('open')
      assert.equal(watch.states.length, length)
      assert.equal(server.sockets.size, 1)
    })

    it('close while a token is pending rejects open and connects to nothing', async () => {
      let give
      const { client, watch } = make({ token: () => new Promise((resolve) => (give = resolve)) })
      const opening = client.open()
      await watch.status('fetching-token')
      client.close()
      await assert.rejects(opening, { name: 'EverwireError', code: 'closed' })
      give('late')
      await make().client.open()
      assert.equal(server.handshakes.length, 1)
    })

    it('close while a handshake is pending rejects open and drops the connection', async () => {
      const hole = await blackHole()
      try {
        const { client } = make({ url: hole.url })
        const opening = client.open()
        await until(() => hole.connections.size === 1, 'the handshake to begin')
        client.close()
        await assert.rejects(opening, { code: 'closed' })
        await until(() => hole.connections.size === 0, 'the connection to end')
      } finally {
        hole.stop()
      }
    })

    it('close right after open rejects open, before anything is loaded', async () => {
      const { client } = make()
      const opening = client.open()
      const sending = client.send({ early: true })
      client.close()
      await assert.rejects(opening, { code: 'closed' })
      await assert.rejects(sending, { code: 'closed' })
      await make().client.open()
      assert.equal(server.handshakes.length, 1)
    })

    it('open after such a close is a new promise, which settles', async () => {
      const { client } = make()
      const first = client.open()
      client.close()
      const second = client.open()
      await assert.rejects(first, { code: 'closed' })
      await second
      assert.ok(client.isConnected)
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

    for (const [how, token] of [
      ['throws', () => raise(new Error(`bad ${TOKEN}`))],
      ['rejects', () => Promise.reject(new Error(`bad ${TOKEN}`))],
      ['rejects with what cannot be shown', () => Promise.reject(Object.create(null))],
      ['gives no string', () => ({ accessToken: TOKEN })],
    ]) {
      it(`tries again where the token function ${how}, and tells no token`, async () => {
        let calls = 0
        const { client, watch } = make({ token: () => (++calls === 1 ? token() : 'good') })
        await client.open()
        const { error } = await watch.problem('token-failed')
        assert.equal(server.handshakes[0].search, '?token=good')
        assert.ok(!error.message.includes('bad') && !error.message.includes(TOKEN))
      })
    }

    it('gives up a token function that never settles, tells it so, and calls it again', async () => {
      const signals = []
      const token = ({ signal }) => {
        signals.push(signal)
        return signals.length === 1 ? new Promise(() => undefined) : 'second'
      }
      const { client, watch } = make({ token, tokenTimeoutMs: 20 })
      await client.open()
      await watch.problem('token-timed-out')
      assert.equal(server.handshakes[0].search, '?token=second')
      assert.deepEqual(
        signals.map(({ aborted }) => aborted),
        [true, false],
      )
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

    it('stays closed after a final close code, and says why', async () => {
      const { client, watch } = make()
      await client.open()
      server.closeSockets(4403)
      await watch.problem('server-refused')
      assert.equal(client.state.status, 'closed')
      await client.open()
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

    describe('whose core fails', () => {
      /** A socket class that makes the core trap: an exception that the core does not expect goes through it. */
      function fragile() {
        const state = { traps: 0 }
        class Fragile extends WebSocket {
          get readyState() {
            if (state.traps === 0) return super.readyState
            state.traps -= 1
            return raise(new Error('trap'))
          }
        }
        // No handshake runs out of time meanwhile: a timer that is left behind stays.
        return { state, ...make({ WebSocket: Fragile, handshakeTimeoutMs: 3_600_000 }) }
      }

      it('gets a new core and reconnects, and takes no other client with it', async () => {
        const other = make()
        const { client, watch, state } = fragile()
        await Promise.all([client.open(), other.client.open()])
        state.traps = 1
        await assert.rejects(client.send(1), { code: 'core-trapped' })
        await watch.problem('core-trapped')
        await watch.status('open')
        await client.send(2)
        await other.client.send(3)
        await until(() => server.received.length === 2 && server.sockets.size === 2, 'both messages')
        assert.deepEqual(server.received.sort(), [2, 3])
        assert.deepEqual(
          other.watch.states.map(({ status }) => status),
          ['fetching-token', 'connecting', 'open'],
        )
      })

      it('stays closed if the app closes it at once', async () => {
        const { client, state } = fragile()
        await client.open()
        state.traps = 1
        const sending = client.send(1)
        client.close()
        await assert.rejects(sending, { code: 'core-trapped' })
        await until(() => client.state.status === 'closed' && server.sockets.size === 0, 'closed')
        await make().client.open()
        assert.equal(server.handshakes.length, 2)
      })

      it('stays closed if a listener closes it', async () => {
        const { client, watch, state } = fragile()
        client.addEventListener('error', () => client.close())
        await client.open()
        state.traps = 1
        void client.send(1)
        await watch.problem('core-trapped')
        await make().client.open()
        assert.equal(server.handshakes.length, 2)
        assert.equal(client.state.status, 'closed')
      })

      it('settles everything if it is disposed of', async () => {
        const { client, state } = fragile()
        await client.open()
        state.traps = 1
        const sending = client.send(1)
        client.dispose()
        await assert.rejects(sending, { code: 'core-trapped' })
        await until(() => !client.isConnected, 'closed')
      })

      it('is given up when it fails again before it was stable', async () => {
        const { client, watch, state } = fragile()
        client.addEventListener('statechange', ({ state: now }) => {
          if (now.status !== 'open') return
          state.traps = 1
          void client.send('again')
        })
        void client.open()
        await until(() => watch.problems.length === 2, 'two failures')
        await until(() => client.state.status === 'closed', 'closed')
        assert.equal(server.handshakes.length, 2)
        assert.equal(client.state.cause, 'core-trapped')
        const hasTimer = () => process.getActiveResourcesInfo().includes('Timeout')
        await until(() => !hasTimer(), 'the timers of both cores to be cleared')
      })
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

    it('lets the token function close it', async () => {
      const { client } = make({
        token: () => {
          client.close()
          return 'unused'
        },
      })
      await assert.rejects(client.open(), { code: 'closed' })
      await make().client.open()
      assert.equal(server.handshakes.length, 1)
      assert.equal(client.state.status, 'closed')
    })

    it('settles a wait that begins where it was just disposed of', async () => {
      const { client } = make()
      let again,
        isFirst = true
      client.addEventListener('statechange', () => {
        if (!isFirst) return
        isFirst = false
        client.dispose()
        again = client.open()
      })
      await assert.rejects(client.open(), { code: 'closed' })
      await again
      assert.ok(client.isConnected)
    })

    it('tells the final close code', async () => {
      const { client, watch } = make()
      await client.open()
      server.closeSockets(4401)
      await watch.status('closed')
      assert.equal(client.state.closeCode, 4401)
      assert.equal(client.state.cause, 'server-refused')
    })

    it('shows its token nowhere', async () => {
      const { client, watch } = make({ token: () => TOKEN })
      await client.open()
      server.push('not JSON')
      await watch.problem('not-json')
      await server.stop()
      await until(() => client.state.attempt >= 2, 'failures')
      const shown = [
        watch.states,
        watch.problems.map(({ error, data }) => [String(error), error, data]),
        client,
      ]
      assert.ok(!JSON.stringify(shown).includes(TOKEN))
    })

    it('can be opened again after it was disposed of', async () => {
      const { client } = make()
      await client.open()
      client.dispose()
      await until(() => server.sockets.size === 0, 'the socket to close')
      await client.open()
    })
  })
}

function raise(error) {
  throw error
}
