'use client'

/**
 * The React hooks: one client per page and URL, shared by all components that use it.
 *
 * @example
 * configure({ url: 'wss://example.com/prod', token: () => fetchToken() })
 *
 * function Notifications() {
 *   const { client } = useWebSocketClient({ onEvent: (event) => show(event.message) })
 *   const { status } = useConnectionState(client)
 *   return <p onClick={() => client.reconnect()}>{status}</p>
 * }
 *
 * @module everwire/react
 */
import { useCallback, useEffect, useInsertionEffect, useRef, useSyncExternalStore } from 'react'
import type { WSClient } from './client.js'
import { EverwireError } from './error.js'
import { WEBSOCKET_EVENT, type WSEvent, type WSEventHandler } from './events.js'
import { isConfigured, shared, type SharedOptions } from './shared.js'
import { NEVER_OPENED, type ConnectionState } from './state.js'

export { configure, type SharedOptions } from './shared.js'

/** What {@link useWebSocketClient} takes: the client's options too, where `configure` did not give them. */
export interface UseWebSocketClientArgs<T = unknown> extends Partial<SharedOptions> {
  /** Called with each message; always the function of the latest render. */
  onEvent?: WSEventHandler<T> | undefined
}

/**
 * Connects the page's shared client while the component is mounted, and calls `onEvent` with each message.
 *
 * No message causes a render. When the last component that uses the client has gone, it is closed
 * (after `lingerMs`, so that a re-mount finds it open).
 *
 * @throws EverwireError `invalid-option` if neither `configure()` nor the arguments give a `url`
 */
export default function useWebSocketClient<T = unknown>(
  args: UseWebSocketClientArgs<T> = {},
): {
  client: WSClient
} {
  const { onEvent, ...options } = args
  const { token } = options
  const entry = shared(options)
  const { client } = entry

  const latest = useRef(onEvent)
  // Before any other effect, so that a message which arrives in between finds the new handler.
  useInsertionEffect(() => {
    latest.current = onEvent
    entry.fetchTokensWith(token)
  })

  const listens = onEvent !== undefined
  useEffect(() => {
    if (!listens) return
    const listener = (event: WSEvent<T>): void => latest.current?.(event)
    client.addEventListener(WEBSOCKET_EVENT, listener)
    return () => {
      client.removeEventListener(WEBSOCKET_EVENT, listener)
    }
  }, [client, listens])

  useEffect(() => entry.use(), [entry])

  return { client }
}

export { useWebSocketClient }

/**
 * The state of a client, for rendering: one render for each change.
 *
 * @param client default: the one that `configure()` describes
 */
export function useConnectionState(client?: WSClient): ConnectionState {
  if (!client && !isConfigured()) {
    throw new EverwireError(
      'invalid-option',
      'give a client to useConnectionState, or call configure() first',
    )
  }
  const observed = client ?? shared({}).client
  const subscribe = useCallback(
    (changed: () => void) => {
      observed.addEventListener('statechange', changed)
      return () => {
        observed.removeEventListener('statechange', changed)
      }
    },
    [observed],
  )
  return useSyncExternalStore(
    subscribe,
    () => observed.state,
    () => NEVER_OPENED,
  )
}
