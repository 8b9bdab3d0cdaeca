import { useSyncExternalStore } from 'react'
import { getSession, subscribeSession, type Session } from '../session.js'

/** Who is signed in. */
export function useSession(): Session {
  return useSyncExternalStore(subscribeSession, getSession)
}
