import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { until } from '../watch.mjs'
import { raise, useServer } from './setting.mjs'

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWEtdG9rZW4'

export function describeTokens() {
  describe('its token', () => {
    const { server, make } = useServer()

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
  })
}
