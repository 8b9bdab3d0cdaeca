import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { until } from '../watch.mjs'
import { jwt, useServer } from './setting.mjs'

const HOUR_MS = 3_600_000

export function describeHandOver() {
  describe('handing over to a second socket', () => {
    const { server, make, open } = useServer({
      heartbeatMs: HOUR_MS,
      hiddenHeartbeatMs: HOUR_MS,
      drainMs: 30,
    })

    const statuses = (watch) => new Set(watch.states.slice(2).map(({ status }) => status))

    it('proves the second by a heartbeat, and then lets the first go', async () => {
      const { client, watch } = await open()
      await until(() => server.heartbeats.length === 1, 'the first heartbeat')
      server.answers = false
      const rotating = client.rotate()
      await until(() => server.heartbeats.length === 2, 'a heartbeat on the second')
      assert.equal(client.state.generation, 1)
      server.newest.send(JSON.stringify({ id: server.heartbeats[1].id }))
      await rotating
      assert.equal(client.state.cause, 'handed-over')
      assert.equal(client.state.generation, 2)
      const second = server.newest
      await until(() => server.sockets.size === 1, 'the first socket to close')
      assert.ok(server.sockets.has(second))
      assert.deepEqual([...statuses(watch)], ['open'])
      assert.deepEqual(watch.gaps, [])
      assert.equal(client.explain().counters.handOvers, 1)
    })

    it('loses nothing and tells nothing twice while messages flow both ways', async () => {
      const { client, watch } = await open()
      let sent = 0
      const flowing = setInterval(() => {
        server.push(JSON.stringify({ n: sent, everwire: { id: `m${sent}` } }))
        void client.send(sent)
        sent += 1
      }, 1)
      for (const _ of [1, 2, 3]) {
        await client.rotate()
        await until(() => server.sockets.size === 1, 'the old socket to close')
      }
      clearInterval(flowing)
      const all = Array.from({ length: sent }, (_, n) => n)
      const byNumber = (a, b) => a - b
      await until(() => watch.messages.length >= sent && server.received.length >= sent, 'all messages')
      // A message more than there should be would have come before this one.
      server.push('{"n":-1}')
      await until(() => watch.messages.some(({ n }) => n === -1), 'the last message')
      assert.deepEqual(watch.messages.map(({ n }) => n).sort(byNumber), [-1, ...all])
      assert.deepEqual(server.received.sort(byNumber), all)
      assert.ok(client.explain().counters.duplicates > 0, 'both sockets brought messages for a while')
      assert.deepEqual(watch.gaps, [])
      assert.deepEqual([...statuses(watch)], ['open'])
    })

    it('still takes from the first what it has to bring', async () => {
      const { client, watch } = await open({ drainMs: HOUR_MS })
      const [first] = server.sockets
      const asking = client.request({ action: 'slow' })
      await until(() => server.received.length === 1, 'the request')
      await client.rotate()
      first.send('{"n":1}')
      first.send(JSON.stringify({ id: server.received[0].id, answer: 42 }))
      assert.equal((await asking).answer, 42)
      assert.deepEqual(watch.messages, [{ n: 1 }])
      await client.send('new')
      const bringing = new Promise((done) => server.newest.once('message', (data) => done(String(data))))
      await client.send('newer')
      assert.match(await bringing, /new/)
    })

    it('falls back to one socket where the server refuses a second', async () => {
      const refreshes = []
      const { client, watch } = make({ token: ({ refresh }) => void refreshes.push(refresh) })
      server.refusal = () => (server.sockets.size > 0 ? 403 : 0)
      await client.open()
      await client.rotate()
      assert.ok(server.refused.length >= 3, 'it tried')
      assert.ok(watch.states.some(({ cause }) => cause === 'hand-over-failed'))
      await until(() => server.sockets.size === 1 && watch.gaps.length === 1, 'one socket, after a gap')
      assert.ok(refreshes.includes(true), 'perhaps the token was at fault')
    })

    it('is done before the token expires, if so wished, with a token that is no cached one', async () => {
      const calls = []
      const token = ({ refresh }) => {
        calls.push(refresh)
        return jwt(Date.now() + (refresh ? HOUR_MS : 300))
      }
      const { watch } = await open({ token, rotateBeforeExpiryMs: 60_000 })
      await watch.cause('handed-over')
      assert.deepEqual(calls, [false, true])
      assert.deepEqual(watch.gaps, [])
    })

    it('is done before the life of a socket ends', async () => {
      const { watch } = await open({ maxLifeMs: 100 })
      await watch.cause('handed-over')
      assert.deepEqual(watch.gaps, [])
      assert.deepEqual(watch.problems, [])
    })

    it('ends a wait for it by a signal, and goes on', async () => {
      const { client, watch } = await open()
      const controller = new AbortController()
      const rotating = client.rotate({ signal: controller.signal })
      controller.abort(new Error('enough'))
      await assert.rejects(rotating, /enough/)
      await watch.cause('handed-over')
    })

    it('settles when the client is closed meanwhile, or was never open', async () => {
      const { client } = make()
      await assert.rejects(client.rotate(), { code: 'closed' })
      await client.open()
      const rotating = client.rotate()
      client.close()
      await assert.rejects(rotating, { code: 'closed' })
      await until(() => server.sockets.size === 0, 'no socket')
    })
  })
}
