import { useCallback, useSyncExternalStore } from 'react'
import type { WSClient } from '../client.js'
import { NEVER_OPENED, type Status } from '../state.js'

/** The status of a client that may not be there: one render for each change of it. */
export function useStatus(client: WSClient | undefined): Status {
  const subscribe = useCallback(
    (changed: () => void) => {
      client?.addEventListener('statechange', changed)
      return () => client?.removeEventListener('statechange', changed)
    },
    [client],
  )
  return useSyncExternalStore(
    subscribe,
    () => (client?.state ?? NEVER_OPENED).status,
    () => NEVER_OPENED.status,
  )
}
