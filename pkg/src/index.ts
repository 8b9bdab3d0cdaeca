/**
 * Keeps a browser app connected to a serverless WebSocket API.
 *
 * @example
 * ```ts
 * import WSClient, { WEBSOCKET_EVENT } from 'everwire'
 *
 * const client = new WSClient({ url: 'wss://example.com/prod', token: () => fetchToken() })
 * client.addEventListener(WEBSOCKET_EVENT, (event) => show(event.message))
 * await client.open()
 * ```
 *
 * @module everwire
 */
export { WSClient, WSClient as default, type RequestOptions, type SendOptions } from './client.js'
export type { DeliveryState, Sent } from './delivery.js'
export { EverwireError, GatewayError, type HandshakeDiagnosis, type ProblemCode } from './error.js'
export {
  GapEvent,
  InvalidEvent,
  OutgoingEvent,
  ProblemEvent,
  StateChangeEvent,
  WEBSOCKET_EVENT,
  WSEvent,
  type WSClientEventMap,
  type WSEventHandler,
} from './events.js'
export type { Counters, Explanation, Transition } from './explanation.js'
export type { MessageQueue, MessagesOptions } from './messages.js'
export type { ClientOptions, LogEntry, TokenContext, TokenFunction, WebSocketConstructor } from './options.js'
export type { Cause, ConnectionState, Status } from './state.js'
// All of it, since an app adds to the interface `Messages` under the name of this module.
export type * from './typed.js'
export type { SchemaResult, StandardSchema } from './validation.js'
