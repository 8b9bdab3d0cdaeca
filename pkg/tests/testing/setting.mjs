import assert from 'node:assert/strict'
import { afterEach, beforeEach } from 'node:test'
import WSClient from '../../dist/index.js'
import { fakeServer } from '../../dist/testing.js'
import { Watch } from '../watch.mjs'

export const url = 'wss://example.com/prod'

/** A fake server anew for each test of one `describe`; when it is closed, nothing may be left. */
export function useFakeServer() {
  const it = {
    server: undefined,
    /** A client that nobody has opened. */
    make(options) {
      const client = new WSClient({ url, ...options })
      return { client, watch: new Watch(client) }
    },
    /** A client that is connected, and its connection. */
    async open(options) {
      const made = it.make(options)
      void made.client.open()
      return { ...made, connection: await it.server.connected() }
    },
  }
  let webSocket
  beforeEach(() => {
    webSocket = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
    it.server = fakeServer({ url })
  })
  afterEach(() => {
    it.server.close()
    assert.deepEqual(Object.getOwnPropertyDescriptor(globalThis, 'WebSocket'), webSocket)
    assert.equal(globalThis[Symbol.for('everwire.time')], undefined)
  })
  return it
}

/** What a promise was rejected with: its text. */
export async function failureOf(promise) {
  const error = await promise.then(
    () => assert.fail('it has not failed'),
    (error) => error,
  )
  return error.message
}
