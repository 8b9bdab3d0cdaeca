import type { WSClient } from 'everwire'
import { useEffect } from 'react'
import { subscribeSession } from '../session.js'

/**
 * Closes the client as soon as somebody signs out, or in as somebody else, here or in another tab: the
 * shared client would outlive the user for a while, and be there for the next one.
 */
export function useCloseOnSignOut(client: WSClient): void {
  useEffect(() => subscribeSession(client.close), [client])
}
