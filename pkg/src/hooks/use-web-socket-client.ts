import type { WSClient } from '../client.js'
import type { WSEventHandler } from '../events.js'
import type { SharedOptions } from '../shared.js'
import type { Incoming, Messages } from '../typed.js'
import { useListener } from './listening.js'
import { useOpen, useSource, useTokens } from './source.js'

/** What {@link useWebSocketClient} takes: the client's options too, where nothing else gave them. */
export interface UseWebSocketClientArgs<T = unknown> extends Partial<SharedOptions> {
  /** Called with each message; always the function of the latest render. */
  onEvent?: WSEventHandler<T> | undefined
  /** Whether this component keeps the client open. @default true */
  enabled?: boolean | undefined
}

/**
 * Connects the page's shared client while the component is mounted, and calls `onEvent` with each message.
 *
 * It is the client for `url`; without one that of the nearest `WebSocketProvider`, else the one that
 * `configure()` describes. No message causes a render. When the last component that uses the client has
 * gone, it is closed (after `lingerMs`, so that a re-mount finds it open).
 *
 * @throws EverwireError `not-configured` if nothing gives a `url`
 */
export function useWebSocketClient<M = Messages, T extends Incoming<M> = Incoming<M>>(
  args: UseWebSocketClientArgs<T> = {},
): { client: WSClient<M> } {
  const { onEvent, enabled, ...options } = args
  const source = useSource(undefined, options)
  useTokens(source, options.token)
  useListener(source.client, undefined, onEvent && ((_: T, event) => onEvent(event)))
  useOpen(source, enabled)
  return { client: source.client as unknown as WSClient<M> }
}
