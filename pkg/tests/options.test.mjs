import assert from 'node:assert/strict'
import { it } from 'node:test'
import WSClient, { EverwireError } from '../dist/index.js'

const url = 'wss://example.com/dev'

for (const [options, message] of [
  [undefined, /options must be an object/],
  [{}, /url is not a valid URL; give one such as/],
  [{ url: '/dev' }, /url is not a valid URL/],
  [{ url: 'https://example.com' }, /url must begin with ws: or wss:, not https:/],
  [{ url, token: 'secret' }, /token must be a function/],
  [{ url, tokenParam: '' }, /tokenParam must be the name/],
  [{ url, WebSocket: 'ws' }, /WebSocket must be a WebSocket class/],
  [{ url, tokenTimeoutMs: 0 }, /tokenTimeoutMs must be a whole number from 1 to 3600000/],
  [{ url, handshakeTimeoutMs: NaN }, /handshakeTimeoutMs must be a whole number/],
  [{ url, maxQueuedMessages: 1.5 }, /maxQueuedMessages must be a whole number/],
  [{ url, firstRetryMs: '1000' }, /firstRetryMs must be a whole number/],
  [{ url, firstRetryMs: 40_000 }, /firstRetryMs must not be greater than maxRetryMs/],
]) {
  it(`refuses ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => new WSClient(options),
      (error) => {
        assert.ok(error instanceof EverwireError)
        assert.equal(error.code, 'invalid-option')
        assert.match(error.message, message)
        return true
      },
    )
  })
}

it('does not repeat a URL that it refuses, which may hold a secret', () => {
  assert.throws(
    () => new WSClient({ url: 'secret' }),
    ({ message }) => !message.includes('secret'),
  )
})

it('takes a URL object', () => {
  assert.equal(new WSClient({ url: new URL(url) }).state.status, 'closed')
})

it('does nothing and needs no browser until it is opened', () => {
  const client = new WSClient({ url })
  assert.equal(client.isConnected, false)
  assert.equal(client.engine, undefined)
  client.close()
})

it('says what to do where there is no WebSocket', async () => {
  // Node 22 and newer have one.
  delete globalThis.WebSocket
  const client = new WSClient({ url })
  await assert.rejects(client.open(), { code: 'load-failed', message: /pass one as the option/ })
  assert.equal(client.state.cause, 'load-failed')
})

it('is disposed of by `using`, where the language has it', () => {
  const client = new WSClient({ url })
  assert.equal(typeof client[Symbol.dispose ?? Symbol.for('Symbol.dispose')], 'function')
  assert.equal(client.undefined, undefined)
})
