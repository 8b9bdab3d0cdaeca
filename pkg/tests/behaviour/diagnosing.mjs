import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { FakePage } from '../page.mjs'
import { until } from '../watch.mjs'
import { jwt, raise, useServer } from './setting.mjs'

const HOUR_MS = 3_600_000

export function describeDiagnosing() {
  describe('finding out why a handshake failed', () => {
    const { server, make, open } = useServer()
    const page = new FakePage()
    afterEach(() => page.leave())

    it('suspects a token that has expired, and asks for a fresh one', async () => {
      const [old, good] = [jwt(Date.now() - 1000), jwt(Date.now() + HOUR_MS)]
      const calls = []
      const token = ({ refresh }) => {
        calls.push(refresh)
        return refresh ? good : old
      }
      server.refusal = (url) => (url.searchParams.get('token') === old ? 403 : 0)
      const { watch } = await open({ token })
      const { error } = await watch.problem('handshake-failed')
      assert.equal(error.diagnosis, 'auth-suspect')
      assert.match(error.message, /token is the suspect/)
      assert.deepEqual(calls, [false, true])
    })

    it('waits long where a fresh token does not help', async () => {
      const calls = []
      const token = ({ refresh }) => {
        calls.push(refresh)
        return jwt(Date.now() - 1000)
      }
      server.refusal = 403
      const { client, watch } = make({ token, authRetryMs: HOUR_MS })
      void client.open()
      await until(() => client.state.retryAt > Date.now() + HOUR_MS / 3, 'a long wait')
      assert.deepEqual(calls, [false, true])
      assert.equal(watch.problems.length, 2)
    })

    it('suspects a token that was refused before', async () => {
      const calls = []
      const token = ({ refresh }) => {
        calls.push(refresh)
        return refresh ? 'new' : 'same'
      }
      server.refusal = (url) => (url.searchParams.get('token') === 'same' ? 401 : 0)
      const { watch } = await open({ token })
      assert.deepEqual(
        watch.problems.map(({ error }) => error.diagnosis),
        ['server-down', 'auth-suspect'],
      )
      assert.deepEqual(calls, [false, false, true])
    })

    it('asks for no fresh token where the one that was refused has been accepted before', async () => {
      const calls = []
      const token = ({ refresh }) => {
        calls.push(refresh)
        return 'same'
      }
      const { watch } = await open({ token })
      server.refusal = 503
      server.cutSockets()
      await until(() => watch.problems.length === 3, 'failures')
      assert.deepEqual(new Set(watch.problems.map(({ error }) => error.diagnosis)), new Set(['server-down']))
      assert.deepEqual(new Set(calls), new Set([false]))
    })

    it('forgets that a token was refused once it is accepted', async () => {
      server.refusal = 503
      const { client, watch } = make({ token: () => 'same' })
      void client.open()
      await watch.problem('handshake-failed')
      server.refusal = 0
      await watch.status('open')
      const { length } = watch.problems
      server.refusal = 503
      server.cutSockets()
      await until(() => watch.problems.length >= length + 2, 'failures')
      for (const { error } of watch.problems.slice(length)) assert.equal(error.diagnosis, 'server-down')
    })

    it('says that there is no network', async () => {
      page.enter()
      page.navigator.onLine = false
      await server.stop()
      const { client, watch } = make()
      void client.open()
      const { error } = await watch.problem('handshake-failed')
      assert.equal(error.diagnosis, 'offline')
      await server.start()
    })

    it('knows of a crowd by what the server said when it closed', async () => {
      const { watch } = await open()
      server.refusal = 429
      server.closeSockets(1013)
      const { error } = await watch.problem('handshake-failed')
      assert.equal(error.diagnosis, 'throttled')
    })

    it('takes an UnauthorizedError of the token function for final, until it is opened', async () => {
      let isSignedIn = false
      const denied = Object.assign(new Error('no'), { name: 'UnauthorizedError' })
      const { client, watch } = make({ token: () => (isSignedIn ? 'good' : raise(denied)) })
      await assert.rejects(client.open(), { code: 'unauthorized', message: /sign in, then call open/ })
      assert.equal(client.state.status, 'closed')
      assert.equal(client.state.cause, 'unauthorized')
      assert.equal(watch.problems.length, 1)
      isSignedIn = true
      await client.open()
    })

    it('gives up after maxAttempts, and begins anew when it is opened', async () => {
      server.refusal = 500
      const { client } = make({ maxAttempts: 3 })
      await assert.rejects(client.open(), { code: 'attempts-exhausted' })
      assert.equal(server.refused.length, 3)
      server.refusal = 0
      await client.open()
    })

    it('refuses a URL that its token makes too long, without a try', async () => {
      const { client } = make({ token: () => 'x'.repeat(100), maxUrlLength: 100 })
      await assert.rejects(client.open(), { code: 'url-too-long', message: /maxUrlLength/ })
      assert.equal(client.state.status, 'closed')
      assert.deepEqual([server.handshakes, server.refused], [[], []])
    })
  })

  describe('hints of the server', () => {
    const { server, open } = useServer({ firstRetryMs: HOUR_MS, maxRetryMs: HOUR_MS })

    it('come in a frame and say when to come back', async () => {
      const { watch } = await open()
      server.push('{"everwire":{"retryAfterMs":5,"spreadMs":5}}')
      server.push('1')
      await watch.count(1)
      server.cutSockets()
      await until(() => server.handshakes.length === 2, 'another handshake')
      assert.deepEqual(watch.messages, [1], 'a hint is no message')
    })

    it('come in a close reason', async () => {
      const { client } = await open()
      server.closeSockets(1012, '{"retryAfterMs":5}')
      await until(() => server.handshakes.length === 2 && client.isConnected, 'another handshake')
    })

    it('come beside a message, which is dispatched without them', async () => {
      const { watch } = await open()
      server.push('{"n":1,"everwire":{"retryAfterMs":5}}')
      await watch.count(1)
      assert.deepEqual(watch.messages, [{ n: 1 }])
      server.cutSockets()
      await until(() => server.handshakes.length === 2, 'another handshake')
    })

    it('make a wait longer, too', async () => {
      const { client, watch } = await open({ firstRetryMs: 20, maxRetryMs: 20 })
      server.closeSockets(1001, '{"retryAfterMs":1800000,"spreadMs":1800000}')
      await watch.status('waiting')
      const wait = client.state.retryAt - Date.now()
      assert.ok(wait > HOUR_MS / 3 && wait <= HOUR_MS, `${wait} ms`)
    })

    it('that make no sense are passed over', async () => {
      const { watch } = await open({ firstRetryMs: 20, maxRetryMs: 20 })
      for (const hint of [-1, '5', 0.5, 1e12, null, {}]) {
        server.push(JSON.stringify({ everwire: { retryAfterMs: hint } }))
        server.push(JSON.stringify({ everwire: { retryAfterMs: 1_800_000, spreadMs: hint ?? 'x' } }))
      }
      server.push('{"everwire":7,"n":1}')
      await watch.count(1)
      assert.deepEqual(watch.messages, [{ everwire: 7, n: 1 }])
      server.closeSockets(1001, 'null')
      await until(() => server.handshakes.length === 2, 'another handshake')
    })
  })
}
