// Troubles on request: what the gateway's /demo can do to a connection. Each says in words what was done.
import { getRefreshToken, setAuthTokens } from 'axios-jwt'
import type { WSClient } from 'everwire'
import { api, type Tokens } from './tokens.js'

/** Has the gateway answer the next handshakes, anybody's, with 503. */
export async function refuseHandshakes(next: number): Promise<string> {
  await api.post('/demo/refuse', { next })
  if (next === 0) return 'No handshake is refused any more.'
  return next === 1 ? 'The next handshake will fail.' : `The next ${next} handshakes will fail.`
}

/** Swaps the access token for one that has expired, then drops, so that the next attempt has to refresh it. */
export async function expireToken(client: WSClient): Promise<string> {
  const { data: expired } = await api.post<Pick<Tokens, 'accessToken'>>('/demo/expired-token')
  const refreshToken = await getRefreshToken()
  if (refreshToken === undefined) throw new Error('signed out meanwhile')
  await setAuthTokens({ accessToken: expired.accessToken, refreshToken })
  if (!client.isConnected) return 'The token is expired. The next attempt gets a fresh one.'
  client.drop()
  return 'The token is expired, and the connection dropped.'
}
