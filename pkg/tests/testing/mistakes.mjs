import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeServer } from '../../dist/testing.js'
import { failureOf, url, useFakeServer } from './setting.mjs'

export function describeMistakes() {
  describe('a mistake in a test', () => {
    const test = useFakeServer()
    const broken = () => {
      throw new TypeError('no such member')
    }
    const THREW =
      /^the function given to answer\('unread'\) threw TypeError: no such member: mend it, or, for a handler that is to fail, call fail\('unread'\)$/

    it('in an answer fails the next wait, with the error as its cause, and is for the client a handler that fails', async () => {
      const { client, watch } = await test.open()
      test.server.answer('unread', broken)
      client.request({ action: 'unread' }).catch(() => undefined)
      const error = await test.server.expect({ action: 'unread' }).catch((error) => error)
      assert.match(error.message, THREW)
      assert.ok(error.cause instanceof TypeError)
      assert.equal(watch.problems[0].error.gatewayMessage, 'Internal server error')
      await test.server.connected()
    })

    it('in an answer fails the wait that is under way', async () => {
      const { client } = await test.open()
      test.server.answer('unread', async () => broken())
      const waited = failureOf(test.server.expect({ action: 'never' }))
      client.request({ action: 'unread' }).catch(() => undefined)
      assert.match(await waited, THREW)
    })

    it('in an answer fails advance(), which has gone its way', async () => {
      const { client } = await test.open()
      test.server.answer('unread', broken)
      const before = test.server.now
      client.request({ action: 'unread' }).catch(() => undefined)
      assert.match(await failureOf(test.server.advance(40_000)), THREW)
      assert.equal(test.server.now, before + 40_000)
    })

    it('in an answer is told by close() where no wait has told of it, when everything is closed', async () => {
      const { client, watch } = await test.open()
      test.server.answer('unread', broken)
      client.request({ action: 'unread' }).catch(() => undefined)
      await watch.problem('gateway-error')
      assert.throws(test.server.close, { message: THREW })
      assert.equal(client.state.status, 'closed')
      test.server.close()
    })

    it('in several answers is told of in one error', async () => {
      const { client, watch } = await test.open()
      test.server.answer('unread', broken)
      test.server.answer('profile', 'Ann')
      for (const action of ['unread', 'profile']) client.request({ action }).catch(() => undefined)
      while (watch.problems.length < 2) await watch.problem('gateway-error')
      const failure = await test.server.connected().catch((error) => error)
      assert.equal(failure.errors.length, 2)
      assert.match(failure.message, /answer\('unread'\) threw/)
      assert.match(failure.message, /answer\('profile'\) is no object: give one, since the id/)
    })

    it('is an answer of more than 128 KiB, or one that JSON cannot hold', async () => {
      const { client } = await test.open()
      for (const [answer, said] of [
        [
          { text: 'x'.repeat(131_072) },
          /the answer to unread has \d+ bytes, and API Gateway takes 131072 .*: send less/,
        ],
        [{ n: 1n }, /the message is not JSON \(TypeError: .*: give what JSON can hold/],
      ]) {
        test.server.answer('unread', answer)
        client.request({ action: 'unread' }).catch(() => undefined)
        assert.match(await failureOf(test.server.expect({ action: 'unread' })), said)
      }
    })

    it('in the function of refuse() fails the wait, and refuses as an authorizer that fails', async () => {
      test.server.refuse({ when: ({ token }) => token.startsWith('old') })
      const { client } = test.make()
      void client.open()
      const error = await test.server.connected().catch((error) => error)
      assert.match(
        error.message,
        /^the function given to refuse\(\{ when \}\) threw TypeError: .*: mend it; it gets \{ url, token \}, and the token may be undefined$/,
      )
      assert.ok(error.cause instanceof TypeError)
      assert.equal(test.server.handshakes[0].status, 500)
    })

    it('is a URL that is none, or not that of a WebSocket', () => {
      for (const [url, said] of [
        ['/prod', /^url is not a valid URL; give one such as wss:\/\/example\.com\/prod$/],
        [undefined, /^url is not a valid URL; give one such as/],
        ['https://example.com/prod', /^url must begin with ws: or wss:, not https:$/],
      ]) {
        assert.throws(() => fakeServer({ url }), { code: 'invalid-option', message: said })
        assert.throws(() => test.make({ url }), { code: 'invalid-option', message: said })
      }
    })

    it('is no URL that a browser takes for that of a WebSocket', async () => {
      const socket = new WebSocket(url.replace('wss', 'https'))
      await test.server.connected()
      socket.close()
      assert.throws(() => new WebSocket('wss://'), {
        name: 'SyntaxError',
        message: /^the URL of a WebSocket is not valid: give one such as wss:\/\/example\.com\/prod$/,
      })
    })
  })
}
