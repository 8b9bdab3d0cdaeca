/**
 * For the tests of apps: a fake server and a fake time around the real client.
 *
 * @example
 * ```ts
 * import WSClient from 'everwire'
 * import { fakeServer } from 'everwire/testing'
 *
 * const server = fakeServer({ url: 'wss://example.com/prod' })
 * const client = new WSClient({ url: 'wss://example.com/prod' })
 * void client.open()
 * await server.connected()
 * server.push({ action: 'notification', title: 'Hi' })
 * void client.send({ action: 'markRead', id: 7 })
 * await server.expect({ action: 'markRead', id: 7 })
 * server.close()
 * ```
 *
 * @module everwire/testing
 */
export {
  fakeServer,
  type Answer,
  type AnsweredAction,
  type FakeServer,
  type FakeServerOptions,
  type OutgoingAction,
  type OutgoingOf,
  type Pattern,
  type WaitOptions,
} from './testing/server.js'
export type { Act } from './testing/act.js'
export type { DropOptions, FakeConnection } from './testing/connection.js'
export type { Handshake, RefuseOptions } from './testing/refusals.js'
export type { Partly } from './testing/pattern.js'
