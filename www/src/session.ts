// Who is signed in: an external store, kept beside axios-jwt's tokens.
import axios from 'axios'
import { clearAuthTokens, isLoggedIn, setAuthTokens } from 'axios-jwt'
import { GATEWAY_ORIGIN } from './gateway.js'
import { storage } from './storage.js'
import { tokenEvents, type Tokens } from './tokens.js'

export interface Session {
  readonly user: string | undefined
  /** Whether the gateway ended the last session, rather than the user. */
  readonly wasEnded: boolean
}

const KEY = 'everwire-demo-user'

const listeners = new Set<() => void>()

let session: Session = { user: storage.getItem(KEY) ?? undefined, wasEnded: false }

tokenEvents.addEventListener('refused', () => end(true))

// Another tab has signed in or out.
window.addEventListener('storage', ({ key, newValue }) => {
  if (key === KEY) change({ user: newValue ?? undefined, wasEnded: false })
})

// Somebody has cleared the tokens, but not the name.
void isLoggedIn().then((kept) => {
  if (session.user !== undefined && !kept) end(true)
})

export const getSession = (): Session => session

export function subscribeSession(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export async function signIn(user: string): Promise<void> {
  const { data } = await axios.post<Tokens>(`${GATEWAY_ORIGIN}/demo/sign-in`, { user })
  await setAuthTokens(data)
  storage.setItem(KEY, user)
  change({ user, wasEnded: false })
}

export async function signOut(): Promise<void> {
  end(false)
  await clearAuthTokens()
}

function end(wasEnded: boolean): void {
  storage.removeItem(KEY)
  change({ user: undefined, wasEnded })
}

function change(next: Session): void {
  session = next
  for (const listener of listeners) listener()
}
