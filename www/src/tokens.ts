// The tokens: axios-jwt keeps them in the browser's storage and refreshes them through the gateway's demo.
import axios, { isAxiosError } from 'axios'
import { applyAuthTokenInterceptor, type TokenRefreshRequest } from 'axios-jwt'
import { GATEWAY_ORIGIN } from './gateway.js'
import { tokenStorage } from './storage.js'

/** What signing in and refreshing give, under the names that axios-jwt uses. */
export interface Tokens {
  accessToken: string
  refreshToken: string
}

/** `refused`: the gateway does not take the refresh token any more. */
export const tokenEvents = new EventTarget()

/** How axios-jwt gets fresh tokens. Plain axios: with the interceptor it would wait for itself. */
export const requestRefresh: TokenRefreshRequest = async (refreshToken) => {
  try {
    const { data } = await axios.post<Tokens>(`${GATEWAY_ORIGIN}/demo/refresh`, { refreshToken })
    return data
  } catch (error) {
    // axios-jwt now forgets the tokens.
    if (isAxiosError(error) && error.response?.status === 401) tokenEvents.dispatchEvent(new Event('refused'))
    throw error
  }
}

/** Calls the gateway's demo with the access token, a fresh one if need be. */
export const api = axios.create({ baseURL: GATEWAY_ORIGIN })

// Also tells axios-jwt where to keep them: until then it keeps and finds nothing.
applyAuthTokenInterceptor(api, { requestRefresh, getStorage: () => tokenStorage })
