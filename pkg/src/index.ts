/**
 * Keeps a browser app connected to a serverless WebSocket API.
 *
 * @example
 * const client = new WSClient({ url: 'wss://example.com/prod', token: () => fetchToken() })
 * client.addEventListener(WEBSOCKET_EVENT, (event) => console.log(event.message))
 * await client.open()
 *
 * @module
 */
export { WSClient, WSClient as default } from './client.js'
export { EverwireError, type ProblemCode } from './error.js'
export {
  ProblemEvent,
  StateChangeEvent,
  WEBSOCKET_EVENT,
  WSEvent,
  type WSClientEventMap,
  type WSEventHandler,
} from './events.js'
export type { ClientOptions, TokenContext, TokenFunction, WebSocketConstructor } from './options.js'
export type { Cause, ConnectionState, Status } from './state.js'
