import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import WSClient from '../../dist/index.js'
import { blackHole } from '../server.mjs'
import { until } from '../watch.mjs'
import { QUICK, useServer } from './setting.mjs'

export function describeStopping() {
  describe('stopping', () => {
    const { server, make, open } = useServer()

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

    it('stays closed after a final close code, and says why', async () => {
      const { client, watch } = make()
      await client.open()
      server.closeSockets(4403)
      await watch.problem('server-refused')
      assert.equal(client.state.status, 'closed')
      await client.open()
    })

    it('tells the final close code', async () => {
      const { client, watch } = make()
      await client.open()
      server.closeSockets(4401)
      await watch.status('closed')
      assert.equal(client.state.closeCode, 4401)
      assert.equal(client.state.cause, 'server-refused')
    })

    it('can be opened again after it was disposed of', async () => {
      const { client } = make()
      await client.open()
      client.dispose()
      await until(() => server.sockets.size === 0, 'the socket to close')
      await client.open()
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

    for (const type of ['statechange', 'error', 'onwebsocketmessage', 'invalid', 'gap']) {
      it(`is closed at once by a listener of ${type}, and tells nothing more but that`, async () => {
        const schema = { '~standard': { version: 1, vendor: 'test', validate: (value) => check(value) } }
        const check = (value) => (value === 'invalid' ? { issues: [] } : { value })
        const { client, watch } = await open({ schema })
        const told = []
        const types = ['statechange', 'error', 'onwebsocketmessage', 'invalid', 'gap']
        client.addEventListener(type, () => {
          if (told.length > 0) return
          client.close()
          assert.equal(client.isConnected, false)
          assert.equal(client.state.status, 'closed')
          for (const it of types) client.addEventListener(it, (event) => told.push(event))
          told.push(type)
        })
        if (type === 'statechange' || type === 'gap') server.cutSockets()
        for (const frame of ['not JSON', '"invalid"', '"valid"', '"valid"']) server.push(frame)
        await until(() => told.length === 2, 'its end')
        await make().client.open()
        assert.equal(told.length, 2)
        // The listeners that are added during an event get that one, too, if it is theirs.
        assert.ok(told[1].type === 'statechange' && client.state.cause === 'close-called')
        assert.equal(watch.states.filter(({ status }) => status === 'closed').length, 1)
      })
    }

    it('says once for each open that it is closed', async () => {
      const { client, watch } = make({ maxAttempts: 1 })
      const closed = () => watch.states.filter(({ status }) => status === 'closed').map(({ cause }) => cause)
      client.close()
      await client.open()
      client.close()
      client.close()
      await client.open()
      server.closeSockets(4401)
      await watch.status('closed')
      void client.open()
      client.close()
      server.refusal = 403
      await assert.rejects(client.open(), { code: 'attempts-exhausted' })
      await watch.status('closed')
      client.dispose()
      assert.deepEqual(closed(), ['close-called', 'server-refused', 'close-called', 'handshake-failed'])
    })

    it('ends for good only by the close codes that the app says', async () => {
      const { client, watch } = await open({ finalCloseCodes: [4000, [4100, 4199]] })
      for (const code of [4403, 4099, 4001]) {
        const { generation } = client.state
        server.closeSockets(code)
        await until(() => client.isConnected && client.state.generation > generation, 'another socket')
      }
      for (const code of [4000, 4100, 4199]) {
        server.closeSockets(code)
        await watch.status('closed')
        await client.open()
      }
      assert.equal(watch.problems.filter(({ error }) => error.code === 'server-refused').length, 3)
    })

    it('leaves no timer and no socket, whatever was under way', async () => {
      const timers = () => process.getActiveResourcesInfo().filter((it) => it === 'Timeout').length
      const before = timers()
      const { client } = make({ heartbeatMs: 3_600_000, token: () => 'token' })
      await client.open()
      void client.rotate()
      const asking = client.request({})
      const queue = client.messages()
      assert.ok(timers() > before)
      client.dispose()
      // Those of earlier sockets of the package ws may have ended meanwhile.
      assert.ok(timers() <= before)
      await assert.rejects(asking, { code: 'outcome-unknown' })
      assert.deepEqual(await queue.next(), { done: true, value: undefined })
      await until(() => server.sockets.size === 0, 'the sockets to close')
    })

    it('is disposed of at the end of a block', async () => {
      const dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose')
      const { client } = await open()
      client[dispose]()
      assert.equal(client.state.status, 'closed')
      assert.equal(client.explain().state.status, 'closed')
      await until(() => server.sockets.size === 0, 'the socket to close')
    })

    it('uses no token that it was given before it was closed', async () => {
      let calls = 0
      let closes = true
      const log = () => {
        if (closes) client.close()
        closes = false
      }
      const { client } = make({ token: () => `token-${++calls}`, log })
      await assert.rejects(client.open(), { code: 'closed' })
      await client.open()
      assert.deepEqual(
        server.handshakes.map(({ search }) => search),
        ['?token=token-2'],
      )
    })

    it('is let go of when it is closed and forgotten, and not before', async () => {
      const opened = async (then) => {
        const client = new WSClient({ url: server.url, ...QUICK })
        await client.open()
        then(client)
        return new WeakRef(client)
      }
      const closed = await opened((client) => client.close())
      const disposed = await opened((client) => client.dispose())
      const open = await opened(() => undefined)
      await until(() => {
        collectGarbage()
        return !closed.deref() && !disposed.deref()
      }, 'both to be collected')
      assert.ok(open.deref(), 'an open one lives, as an open WebSocket does')
      open.deref().close()
    })
  })
}

/** What `node --expose-gc` has. */
function collectGarbage() {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
