import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { FakePage } from '../page.mjs'
import { until } from '../watch.mjs'
import { useServer } from './setting.mjs'

const HOUR_MS = 3_600_000

export function describePageLife() {
  describe('in the life of a page', () => {
    const { server, make, open } = useServer({
      heartbeatMs: HOUR_MS,
      hiddenHeartbeatMs: HOUR_MS,
      heartbeatTimeoutMs: 50,
    })
    const page = new FakePage()
    beforeEach(() => page.enter())
    afterEach(() => page.leave())

    /** Open, and has answered its first heartbeat. */
    async function openAndHeard(options) {
      const made = await open(options)
      await until(() => made.client.explain().counters.rttMs >= 0, 'an answer')
      return made
    }

    /** Has failed so often that it waits for much longer than the first retry takes. */
    async function waiting() {
      const made = await openAndHeard({ firstRetryMs: 20, maxRetryMs: HOUR_MS })
      await server.stop()
      await until(() => made.client.state.retryAt > Date.now() + 300, 'a long wait')
      await server.start()
      return made
    }

    it('asks an open socket when the network seems gone, and keeps it if that answers', async () => {
      const { client, watch } = await openAndHeard()
      page.goOffline()
      await until(() => server.heartbeats.length === 2, 'a heartbeat')
      page.goOnline()
      server.push('1')
      await watch.count(1)
      assert.ok(client.isConnected)
      assert.equal(server.handshakes.length, 1)
    })

    it('gives a socket up that does not answer after the network was gone', async () => {
      const { watch } = await openAndHeard()
      server.freezeSockets()
      page.goOffline()
      page.goOnline()
      await watch.problem('heartbeat-unanswered')
      await watch.status('open')
    })

    it('tries again soon when the network is back', async () => {
      const { client, watch } = await waiting()
      page.goOnline()
      assert.equal(client.state.cause, 'online')
      assert.ok(client.state.retryAt <= Date.now() + 20)
      await watch.status('open')
    })

    it('tries again soon when somebody looks', async () => {
      const { client, watch } = await waiting()
      page.hide()
      page.show()
      assert.equal(client.state.cause, 'visible')
      assert.ok(client.state.retryAt <= Date.now() + 20)
      await watch.status('open')
    })

    it('waits longer while nobody looks', async () => {
      page.hide()
      const { client, watch } = await openAndHeard({
        firstRetryMs: 20,
        maxRetryMs: 20,
        hiddenMaxRetryMs: HOUR_MS,
      })
      await server.stop()
      await until(() => client.reconnectTime > 0.02, 'a wait longer than maxRetryMs')
      await server.start()
      await watch.status('open')
    })

    it('keeps messages from a socket that it slept on, until that answers', async () => {
      const { client, watch } = await openAndHeard()
      server.freezeSockets()
      page.freezeAndResume()
      const sending = client.send('careful')
      assert.equal(sending.state, 'queued')
      await watch.problem('heartbeat-unanswered')
      assert.equal(await sending, 'handed-over')
      await until(() => server.received.length === 1, 'the message')
      assert.equal(server.handshakes.length, 2)
    })

    it('hands them over when it does answer', async () => {
      const { client } = await openAndHeard({ heartbeatTimeoutMs: HOUR_MS })
      page.freezeAndResume()
      const sending = client.send('careful')
      assert.equal(sending.state, 'queued')
      assert.equal(await sending, 'handed-over')
      assert.equal(server.handshakes.length, 1)
    })

    it('closes its socket for a page that is stored, and comes back with it, after a gap', async () => {
      const { client, watch } = await openAndHeard()
      page.store()
      assert.equal(client.state.status, 'suspended')
      const sending = client.send('kept')
      await until(() => server.sockets.size === 0, 'the socket to close')
      page.restore()
      assert.equal(client.state.cause, 'page-shown')
      await watch.status('open')
      await until(() => watch.gaps.length === 1, 'the gap')
      assert.equal(watch.gaps[0].lost.cause, 'page-stored')
      assert.equal(await sending, 'handed-over')
      assert.equal(server.handshakes.length, 2)
    })

    it('takes the first pageshow for nothing new', async () => {
      const { client } = await openAndHeard()
      page.load()
      await client.send('after')
      await until(() => server.received.length === 1, 'the message')
      assert.equal(server.heartbeats.length, 1, 'it was not asked again')
      assert.equal(client.state.generation, 1)
    })

    it('waits in a prerendered page, and connects with a token of when that is shown', async () => {
      page.document.prerendering = true
      const signals = []
      const token = ({ signal }) => {
        signals.push(signal)
        return `token-${signals.length}`
      }
      const { client, watch } = make({ token })
      const opening = client.open()
      await watch.status('suspended')
      assert.equal(signals[0].aborted, true, 'nobody waits for the first token')
      page.activate()
      await opening
      assert.deepEqual(
        server.handshakes.map(({ search }) => search),
        ['?token=token-2'],
      )
    })

    it('stays closed, whatever becomes of the page', async () => {
      const { client } = await openAndHeard()
      page.store()
      client.close()
      page.restore()
      page.goOffline()
      page.goOnline()
      page.hide()
      page.show()
      page.freezeAndResume()
      page.activate()
      await open()
      assert.equal(client.state.status, 'closed')
      assert.equal(server.handshakes.length, 2)
    })

    it('listens to the page only while it is not closed, and once', async () => {
      const { client } = await openAndHeard()
      const { size } = page.listeners
      assert.ok(size >= 7, [...page.listeners].join())
      client.reconnect()
      await client.open()
      assert.equal(page.listeners.size, size)
      client.close()
      assert.deepEqual([...page.listeners], [])
      await client.open()
      assert.equal(page.listeners.size, size)
      server.closeSockets(4403)
      await until(() => client.state.status === 'closed', 'closed')
      assert.deepEqual([...page.listeners], [])
    })

    it('learns anew what the page is like when it is opened again', async () => {
      const { client, watch } = await openAndHeard()
      client.close()
      page.document.prerendering = true
      void client.open()
      await watch.status('suspended')
      client.close()
      page.document.prerendering = false
      await client.open()
    })

    it('runs in a worker, which has a network and no document', async () => {
      delete globalThis.document
      const { client } = await openAndHeard()
      assert.deepEqual([...page.listeners].map((it) => it.split(' ')[1]).sort(), ['offline', 'online'])
      page.goOffline()
      await until(() => server.heartbeats.length === 2, 'a heartbeat')
      client.close()
      assert.deepEqual([...page.listeners], [])
    })
  })
}
