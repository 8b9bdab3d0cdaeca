import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gatewayFrame } from '../server.mjs'
import { until } from '../watch.mjs'
import { useServer } from './setting.mjs'

export function describeRequesting() {
  describe('requesting', () => {
    const { server, make, open } = useServer()

    /** A server that answers `{ n }` with `{ n, id }`, the last first. */
    function answerBackwards(count) {
      const asked = []
      server.onMessage = (message, socket) => {
        asked.push(message)
        if (asked.length < count) return
        for (const it of asked.splice(0).reverse()) socket.send(JSON.stringify({ id: it.id, n: it.n }))
      }
    }

    it('gets the answer that has the id of the request, whatever the order, and dispatches none', async () => {
      const { client, watch } = await open()
      answerBackwards(3)
      const answers = await Promise.all([1, 2, 3].map((n) => client.request({ n })))
      assert.deepEqual(
        answers.map(({ n }) => n),
        [1, 2, 3],
      )
      server.push('"after"')
      await watch.count(1)
      assert.deepEqual(watch.messages, ['after'])
    })

    it('gives every request of every client an id of its own, in the member that the app names', async () => {
      const { client } = await open({ idField: 'ref' })
      const other = await open({ idField: 'ref' })
      const asking = [client.request({}), client.request({}), other.client.request({ id: 'mine' })]
      await until(() => server.received.length === 3, 'the requests')
      const refs = server.received.map(({ ref }) => ref)
      assert.equal(new Set(refs).size, 3)
      for (const ref of refs) server.push(JSON.stringify({ ref }))
      await Promise.all(asking)
    })

    it('refuses a message whose own id would be replaced, and names the remedy', async () => {
      const { client } = await open()
      const refusal = { code: 'not-serializable', message: /member id of its own.*idField/ }
      await assert.rejects(client.request({ action: 'markRead', id: 7 }), refusal)
      await assert.rejects(client.send({ action: 'markRead', id: 7 }, { acknowledge: true }), refusal)
      await client.send({ action: 'markRead', id: 7 })
      await until(() => server.received.length === 1, 'the message that needs no answer')
      assert.deepEqual(server.received, [{ action: 'markRead', id: 7 }])
    })

    it('gets an answer that the server has numbered, too', async () => {
      const { client, watch } = await open()
      server.onMessage = ({ id }, socket) =>
        socket.send(JSON.stringify({ id, ok: true, everwire: { id: 'm1' } }))
      assert.deepEqual((await client.request({})).ok, true)
      assert.deepEqual(watch.messages, [])
    })

    it('waits for a socket, and for its time at the most', async () => {
      const { client } = make({ token: () => new Promise(() => undefined) })
      void client.open()
      const asking = client.request({}, { timeoutMs: 20 })
      await assert.rejects(asking, { code: 'timed-out', message: /was not sent within timeoutMs/ })
    })

    it('does not know the outcome when its time is up after it was sent', async () => {
      const { client, watch } = await open()
      const asking = client.request({ action: 'pay' }, { timeoutMs: 20 })
      await assert.rejects(asking, { code: 'outcome-unknown', message: /may have been carried out/ })
      await until(() => server.received.length === 1, 'the request')
      server.push(JSON.stringify({ id: server.received[0].id, late: true }))
      await watch.count(1)
      assert.equal(watch.messages[0].late, true, 'a late answer is a message')
    })

    it('does not know the outcome when the socket is lost', async () => {
      const { client } = await open()
      const asking = client.request({ action: 'pay' })
      await until(() => server.received.length === 1, 'the request')
      server.cutSockets()
      await assert.rejects(asking, { code: 'outcome-unknown' })
    })

    it('does not know the outcome when the client is closed', async () => {
      const { client } = await open()
      const asking = client.request({ action: 'pay' })
      client.close()
      await assert.rejects(asking, { code: 'outcome-unknown' })
      await assert.rejects(client.request({}), { code: 'closed' })
    })

    it('ends by a signal: before it begins, while it waits and after it was sent', async () => {
      const { client } = make()
      const reason = new Error('changed my mind')
      const aborted = { signal: AbortSignal.abort(reason) }
      void client.open()
      await assert.rejects(client.request({ n: 1 }, aborted), reason)
      const whileLoading = new AbortController()
      const early = client.request({ n: 2 }, { signal: whileLoading.signal })
      whileLoading.abort(reason)
      await client.open()
      await assert.rejects(early, reason)
      await assert.rejects(client.request({ n: 3 }, aborted), reason)
      const controller = new AbortController()
      const asking = client.request({ n: 4 }, { signal: controller.signal })
      await until(() => server.received.length === 1, 'the request')
      assert.equal(server.received[0].n, 4)
      controller.abort(reason)
      await assert.rejects(asking, reason)
    })

    it('goes on where API Gateway has an error for it, which is told', async () => {
      server.onMessage = (message, socket) => socket.send(gatewayFrame('Internal server error'))
      const { client, watch } = await open()
      const asking = client.request({ action: 'broken' }, { timeoutMs: 100 })
      const { error, data } = await watch.problem('gateway-error')
      assert.equal(error.requestId, 'f00d-1')
      assert.equal(error.connectionId, 'A1B2C3=')
      assert.equal(data.message, 'Internal server error')
      await assert.rejects(asking, { code: 'outcome-unknown' })
      assert.deepEqual(watch.messages, [])
    })

    it('leaves no timer and no listener behind', async () => {
      const { client } = await open({ stableAfterMs: 0, handshakeTimeoutMs: 3_600_000 })
      server.onMessage = ({ id }, socket) => socket.send(JSON.stringify({ id }))
      const { signal } = new AbortController()
      let listeners = 0
      const { addEventListener, removeEventListener } = EventTarget.prototype
      signal.addEventListener = (...args) => void ((listeners += 1), addEventListener.apply(signal, args))
      signal.removeEventListener = (...args) =>
        void ((listeners -= 1), removeEventListener.apply(signal, args))
      const timers = () => process.getActiveResourcesInfo().filter((it) => it === 'Timeout').length
      const before = timers()
      await client.request({}, { signal })
      await assert.rejects(client.request({}, { signal: AbortSignal.abort() }))
      assert.equal(listeners, 0)
      assert.ok(timers() <= before)
    })
  })
}
