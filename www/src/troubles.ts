// Troubles on request: what the gateway's /demo can do to a connection. Each says in words what was done.
import axios from 'axios'
import { getAccessToken, getRefreshToken, setAuthTokens } from 'axios-jwt'
import type { WSClient } from 'everwire'
import { GATEWAY_ORIGIN } from './gateway.js'
import { api, type Tokens } from './tokens.js'

interface Dropped {
  readonly dropped: number
}

/** Cuts all of the user's sockets, as a lost network does. */
export async function dropConnection(): Promise<string> {
  const { data } = await api.post<Dropped>('/demo/drop')
  return tellDropped(data)
}

/** Has the gateway answer the next handshakes, anybody's, with 503. */
export async function refuseHandshakes(next: number): Promise<string> {
  await api.post('/demo/refuse', { next })
  if (next === 0) return 'No handshake is refused any more.'
  return next === 1 ? 'The next handshake will fail.' : `The next ${next} handshakes will fail.`
}

/** Swaps the access token for one that has expired, then drops, so that the next attempt has to refresh it. */
export async function expireToken(): Promise<string> {
  const { data: expired } = await api.post<Pick<Tokens, 'accessToken'>>('/demo/expired-token')
  const [valid, refreshToken] = [await getAccessToken(), await getRefreshToken()]
  if (valid === undefined || refreshToken === undefined) throw new Error('signed out meanwhile')
  await setAuthTokens({ accessToken: expired.accessToken, refreshToken })
  // Not through `api`, which would refresh the token before the connection needs it.
  const headers = { Authorization: `Bearer ${valid}` }
  const { data } = await axios.post<Dropped>(`${GATEWAY_ORIGIN}/demo/drop`, undefined, { headers })
  return `The token is expired. ${tellDropped(data)}`
}

/** Has the client hand over to a new socket. */
export async function replaceSocket(client: WSClient): Promise<string> {
  if (!client.isConnected) return 'There is no socket to replace.'
  await client.rotate()
  return 'Another socket has taken over.'
}

function tellDropped({ dropped }: Dropped): string {
  if (dropped === 0) return 'There was no connection to drop.'
  return dropped === 1 ? '1 connection dropped.' : `${dropped} connections dropped, other tabs' too.`
}
