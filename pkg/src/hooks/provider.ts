import { createElement, useMemo, type ReactNode } from 'react'
import type { WSClient } from '../client.js'
import type { SharedOptions } from '../shared.js'
import { SourceContext, untended, useOpen, useSource, useTokens } from './source.js'

/** What {@link WebSocketProvider} takes: a client's options, or a client. */
export interface WebSocketProviderProps extends Partial<SharedOptions> {
  /** A client that the app has made; the provider does not open or close it. @default the page's client for `url` */
  client?: WSClient<never> | WSClient | undefined
  /**
   * Whether the client is kept open, by the provider and by the hooks in it: `false` until somebody has signed in, say.
   * @default true
   */
  enabled?: boolean | undefined
  /** The components that get the client. */
  children?: ReactNode
}

/**
 * Gives the components in it a client, and keeps that open while it is mounted. Providers may be nested, the
 * nearest counts; two for the same URL and user share one client.
 *
 * Of the options only `token` may change from render to render; another `url` or `user` is another client.
 *
 * @throws EverwireError `invalid-option`
 *
 * @example
 * ```tsx
 * import { WebSocketProvider } from 'everwire/react'
 * import type { ReactNode } from 'react'
 *
 * function SignedIn({ user, children }: { user: { id: string }; children: ReactNode }) {
 *   return (
 *     <WebSocketProvider url="wss://example.com/prod" token={fetchToken} user={user.id}>
 *       {children}
 *     </WebSocketProvider>
 *   )
 * }
 * ```
 */
export function WebSocketProvider({
  client,
  enabled = true,
  children,
  ...options
}: WebSocketProviderProps): ReactNode {
  const source = useSource(client as WSClient | undefined, options)
  useTokens(source, options.token)
  useOpen(source, enabled)
  const value = useMemo(() => (enabled ? source : untended(source.client)), [source, enabled])
  return createElement(SourceContext.Provider, { value }, children)
}
