import assert from 'node:assert/strict'
import { it } from 'node:test'
import { inspect } from 'node:util'
import WSClient, { EverwireError } from '../dist/index.js'

const url = 'wss://example.com/dev'

const schema = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
const circular = {}
circular.self = circular

/** Options in one line, without what all of them have. */
function written(options) {
  const { url: _, ...rest } = options ?? {}
  return inspect(options && rest, { breakLength: Infinity, compact: true })
}

/** The options that are numbers: the least and the greatest value. */
const NUMBERS = {
  tokenTimeoutMs: [1, 3_600_000],
  handshakeTimeoutMs: [1, 3_600_000],
  firstRetryMs: [1, 3_600_000],
  maxRetryMs: [1, 3_600_000],
  hiddenMaxRetryMs: [1, 3_600_000],
  authRetryMs: [1, 3_600_000],
  stableAfterMs: [0, 3_600_000],
  maxAttempts: [0, 1_073_741_824],
  heartbeatMs: [0, 3_600_000],
  hiddenHeartbeatMs: [0, 3_600_000],
  heartbeatTimeoutMs: [1, 3_600_000],
  maxLifeMs: [0, 86_400_000],
  idleLimitMs: [0, 86_400_000],
  rotateEarlyMs: [1, 86_400_000],
  rotateBeforeExpiryMs: [0, 86_400_000],
  drainMs: [0, 3_600_000],
  maxUrlLength: [0, 1_073_741_824],
  maxMessageBytes: [0, 1_073_741_824],
  maxFrameBytes: [0, 1_073_741_824],
  maxQueuedMessages: [0, 65_536],
  maxQueuedBytes: [0, 1_073_741_824],
  maxQueuedMs: [0, 86_400_000],
  highWaterBytes: [0, 1_073_741_824],
}

/** Options that would have the retries of a row of numbers out of order. */
const RETRIES = { firstRetryMs: 1, maxRetryMs: 3_600_000 }

for (const [name, [min, max]] of Object.entries(NUMBERS)) {
  it(`takes ${name} from ${min} to ${max}, and names the range where it is something else`, () => {
    for (const value of [min, max, undefined]) new WSClient({ url, ...RETRIES, [name]: value })
    for (const value of [min - 1, max + 1, min + 0.5, NaN, Infinity, String(max), true]) {
      assert.throws(() => new WSClient({ url, ...RETRIES, [name]: value }), {
        code: 'invalid-option',
        message: `${name} must be a whole number from ${min} to ${max}`,
      })
    }
  })
}

for (const [options, message] of [
  [undefined, /options must be an object/],
  [null, /options must be an object/],
  [{}, /url is not a valid URL; give one such as/],
  [{ url: '/dev' }, /url is not a valid URL/],
  [{ url: 'https://example.com' }, /url must begin with ws: or wss:, not https:/],
  [{ url, token: 'secret' }, /token must be a function/],
  [{ url, log: {} }, /log must be a function/],
  [{ url, tokenParam: '' }, /tokenParam must be the name of a query parameter/],
  [{ url, tokenParam: 7 }, /tokenParam must be the name/],
  [{ url, idField: '' }, /idField must be the name of a member/],
  [{ url, actionField: null }, /actionField must be the name of a member/],
  [{ url, WebSocket: 'ws' }, /WebSocket must be a WebSocket class/],
  [
    { url, firstRetryMs: 40_000, maxRetryMs: 30_000 },
    /firstRetryMs must not be greater than maxRetryMs \(30000\)/,
  ],
  [{ url, profile: 'aws' }, /profile must be one of api-gateway, generic/],
  [{ url, overflow: 'drop' }, /overflow must be one of refuse, drop-oldest/],
  [{ url, heartbeatRequired: 1 }, /heartbeatRequired must be one of true, false/],
  [{ url, heartbeatMessage: null }, /heartbeatMessage must be an object that JSON can hold/],
  [{ url, heartbeatMessage: ['ping'] }, /heartbeatMessage must be an object that JSON can hold/],
  [{ url, heartbeatMessage: circular }, /heartbeatMessage must be an object that JSON can hold/],
  [{ url, heartbeatMessage: () => undefined }, /heartbeatMessage must be an object that JSON can hold/],
  [
    { url, schema: { parse: () => undefined } },
    /schema must be a Standard Schema, as zod and valibot make them/,
  ],
  [{ url, finalCloseCodes: 4403 }, /finalCloseCodes must be an array of at most 8/],
  [{ url, finalCloseCodes: Array(9).fill(4403) }, /finalCloseCodes must be an array of at most 8/],
  [{ url, finalCloseCodes: [999] }, /finalCloseCodes must be close codes from 1000 to 4999/],
  [{ url, finalCloseCodes: [5000] }, /finalCloseCodes must be close codes/],
  [{ url, finalCloseCodes: ['4403'] }, /finalCloseCodes must be close codes/],
  [{ url, finalCloseCodes: [null] }, /finalCloseCodes must be close codes/],
  [{ url, finalCloseCodes: [[4403]] }, /finalCloseCodes must be close codes/],
  [{ url, finalCloseCodes: [[4403, 4402]] }, /or ranges such as \[4400, 4499\]/],
  [{ url, finalCloseCodes: [4403.5] }, /finalCloseCodes must be close codes/],
]) {
  it(`refuses ${written(options)}`, () => {
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

for (const options of [
  { url, profile: 'generic', overflow: 'drop-oldest', heartbeatRequired: true },
  { url, schema, log: () => undefined, hello: null, heartbeatMessage: {} },
  { url, schema: Object.assign(() => undefined, schema) },
  { url, finalCloseCodes: [] },
  { url, finalCloseCodes: [1000, 4999, [4400, 4400]] },
  Object.fromEntries(
    Object.keys(NUMBERS)
      .map((name) => [name, undefined])
      .concat([['url', url]]),
  ),
]) {
  it(`takes ${written(options)}`, () => {
    assert.equal(new WSClient(options).state.status, 'closed')
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
