import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import WSClient from '../../dist/index.js'
import { load } from '../../dist/core-wasm.js'
import { failureOf, url, useFakeServer } from './setting.mjs'

/** What takes so long really, as on a slow machine or over a slow network. */
const slow = (value, ms = 300) => new Promise((then) => setTimeout(then, ms, value))

export function describeTime() {
  describe('the fake time', () => {
    const test = useFakeServer()

    it('stands still while a token is fetched, however short its fake deadline', async () => {
      const { client, watch } = test.make({ token: () => slow('slow'), tokenTimeoutMs: 10 })
      void client.open()
      await test.server.advance(60_000)
      assert.equal(client.state.status, 'open')
      test.server.drop()
      await test.server.advance(60_000)
      assert.deepEqual(
        test.server.handshakes.map(({ token }) => token),
        ['slow', 'slow'],
      )
      assert.deepEqual(watch.problems, [])
    })

    it('stands still for the token of one client while another one waits for a retry', async () => {
      const { client: waiting } = await test.open()
      test.server.refuse({ times: 3, when: ({ token }) => token === undefined })
      test.server.drop()
      const { client, watch } = test.make({ token: () => slow('slow'), tokenTimeoutMs: 10 })
      void client.open()
      await test.server.connected(2)
      assert.deepEqual([waiting.isConnected, client.isConnected], [true, true])
      assert.deepEqual(watch.problems, [])
    })

    it('stands still while a core is loaded, however long that takes', async () => {
      const loadSlowly = async () => slow(await load(), 1500)
      const client = new WSClient({ url }, loadSlowly)
      void client.open()
      const sent = client.send({ n: 1 }, { ttlMs: 100 })
      await test.server.advance(60_000)
      assert.equal(await sent, 'handed-over')
      assert.equal(client.isConnected, true)
    })

    it('waits once for a token that never comes, not again and again', { timeout: 10_000 }, async () => {
      const { client, watch } = test.make({ token: () => new Promise(() => undefined) })
      void client.open()
      for (let seconds = 0; seconds < 50; seconds += 1) await test.server.advance(199)
      assert.equal(client.state.status, 'fetching-token')
      await test.server.advance(50)
      await watch.problem('token-timed-out')
    })

    it('is not waited for longer than a wait takes, which says what to do about a slow token', async () => {
      const { client } = test.make({ token: () => slow('slow', 500) })
      void client.open()
      const failure = await failureOf(test.server.connected(1, { waitMs: 20 }))
      assert.match(
        failure,
        /a client is fetching-token .*A token function has not settled: mend it, .*more time by \{ waitMs \}\.$/,
      )
      await test.server.connected(1, { waitMs: 5000 })
    })

    it('never goes back, where one moves it beside another', async () => {
      const { client } = await test.open()
      test.server.drop()
      const { retryAt } = client.state
      const advanced = test.server.advance(1)
      await test.server.connected()
      const reached = test.server.now
      assert.ok(reached >= retryAt)
      await advanced
      assert.equal(test.server.now, reached)
    })
  })
}
