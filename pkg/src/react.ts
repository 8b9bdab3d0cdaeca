/**
 * The React hooks: one client per page and URL, shared by all components that use it.
 *
 * @example
 * ```tsx
 * import { configure, useConnectionState, useMessage } from 'everwire/react'
 *
 * configure({ url: 'wss://example.com/prod', token: () => fetchToken() })
 *
 * function Notifications() {
 *   useMessage('notification', (message) => show(message))
 *   const { status } = useConnectionState()
 *   return <p>{status}</p>
 * }
 * ```
 *
 * @module everwire/react
 */

'use client'

// Also so that a `declare module 'everwire'` finds it in apps that import only this entry.
export type { Messages } from './index.js'
export { configure, type SharedOptions } from './shared.js'
export { WebSocketProvider, type WebSocketProviderProps } from './hooks/provider.js'
export type { HookOptions } from './hooks/source.js'
export { useClientEvent } from './hooks/use-client-event.js'
export { useConnectionState } from './hooks/use-connection-state.js'
export { useLatest, type UseLatestOptions } from './hooks/use-latest.js'
export { useMessage } from './hooks/use-message.js'
export type { MessageHandler } from './hooks/listening.js'
export {
  useMessages,
  type KeptMessage,
  type KeptMessages,
  type UseMessagesOptions,
} from './hooks/use-messages.js'
export {
  useRequest,
  type RequestControl,
  type RequestState,
  type UseRequestOptions,
} from './hooks/use-request.js'
export {
  useWebSocketClient,
  useWebSocketClient as default,
  type UseWebSocketClientArgs,
} from './hooks/use-web-socket-client.js'
