import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { until } from '../watch.mjs'
import { raise, useServer } from './setting.mjs'

export function describeFailingCore() {
  describe('whose core fails', () => {
    const { server, make } = useServer()

    const { Uint32Array } = globalThis

    afterEach(() => {
      globalThis.Uint32Array = Uint32Array
    })

    /** A client whose core fails while it is entered, as when it traps, as often as `traps` says. */
    function fragile() {
      const state = { traps: 0 }
      globalThis.Uint32Array = new Proxy(Uint32Array, {
        construct(target, args) {
          if (state.traps === 0) return new target(...args)
          state.traps -= 1
          return raise(new Error('trap'))
        },
      })
      // No handshake runs out of time meanwhile: a timer that is left behind stays.
      return { state, ...make({ handshakeTimeoutMs: 3_600_000 }) }
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

    it('keeps what is sent before another core is there for that one', async () => {
      const { client, watch, state } = fragile()
      await client.open()
      let sending
      client.addEventListener('error', () => (sending ??= client.send('meanwhile')))
      state.traps = 1
      void client.send(1)
      await watch.problem('core-trapped')
      assert.equal(await sending, 'handed-over')
      await until(() => server.received.includes('meanwhile'), 'the message')
    })

    it('goes on with a loop over its messages', async () => {
      const { client, watch, state } = fragile()
      await client.open()
      const messages = client.messages()
      const next = messages.next()
      state.traps = 1
      void client.send(1)
      await watch.problem('core-trapped')
      await watch.status('open')
      server.push('"after"')
      assert.deepEqual(await next, { done: false, value: 'after' })
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

    it('settles what is sent before another core is there, and tells each state', async () => {
      const { client, watch, state } = fragile()
      await client.open()
      state.traps = 1
      const sending = [client.send(1), client.send({}, { acknowledge: true }), client.request({})]
      for (const it of sending) await assert.rejects(it, { code: 'core-trapped' })
      await watch.status('open')
      assert.deepEqual(
        watch.states.slice(3).map(({ status }) => status),
        ['waiting', 'fetching-token', 'connecting', 'open'],
      )
    })
  })
}
