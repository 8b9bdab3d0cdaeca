import { useCallback } from 'react'
import type { WSClientEventMap } from '../events.js'
import { useListening, useNewest } from './listening.js'
import { useSource, type HookOptions } from './source.js'

/**
 * Calls `handler` with each event of the client that is no message: `gap`, `error`, `invalid`, `outgoing`, `statechange`.
 * It only listens, and opens nothing. It is always the handler of the latest render.
 *
 * @throws EverwireError `not-configured` if nothing says which client
 *
 * @example
 * ```ts
 * import { useClientEvent } from 'everwire/react'
 *
 * function useFresh(refetch: () => void): void {
 *   useClientEvent('gap', () => refetch())
 * }
 * ```
 */
export function useClientEvent<K extends keyof WSClientEventMap, M>(
  type: K,
  handler: (event: WSClientEventMap[K]) => void,
  { client: given }: HookOptions<M> = {},
): void {
  const { client } = useSource(given)
  const newest = useNewest(handler)
  const start = useCallback(() => {
    const listener = (event: WSClientEventMap[K]): void => newest.current(event)
    client.addEventListener(type, listener)
    return () => client.removeEventListener(type, listener)
  }, [client, type, newest])
  useListening(start)
}
