import { createContext, useContext, useEffect, useInsertionEffect, useLayoutEffect, useMemo } from 'react'
import type { WSClient } from '../client.js'
import { shared, type Shared, type SharedOptions } from '../shared.js'
import type { Messages } from '../typed.js'

/** A client, and what a component that uses it does about opening it. */
export type Source = Pick<Shared, 'client' | 'expect' | 'use' | 'fetchTokensWith'>

/** Which client a hook is about, if it is not the nearest provider's or the configured one. */
export interface HookOptions<M = Messages> {
  /**
   * A client that the app has made, or one of another API. It is not opened or closed by the hook.
   * @default that of the nearest `WebSocketProvider`, else the one that `configure()` describes
   */
  client?: WSClient<M> | undefined
}

/** What the nearest provider gives. */
export const SourceContext = createContext<Source | undefined>(undefined)

/** Before the effects of any component of the same commit, in which an app may already send. Not on a server. */
export const useCommitEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect

/** The client that a hook is about: the given one, that for the given URL, the nearest provider's, the configured one. */
export function useSource<M>(client: WSClient<M> | undefined, options: Partial<SharedOptions> = {}): Source {
  const given = useMemo(() => client && untended(client), [client])
  const provided = useContext(SourceContext)
  if (given) return given
  return options.url === undefined && provided ? provided : shared(options)
}

/** Keeps the client open while the component is mounted. */
export function useOpen(source: Source, enabled = true): void {
  useCommitEffect(() => {
    if (enabled) source.expect()
  }, [source, enabled])
  useEffect(() => (enabled ? source.use() : undefined), [source, enabled])
}

/** Has the client ask the token function of the latest render. */
export function useTokens(source: Source, token: SharedOptions['token']): void {
  useInsertionEffect(() => source.fetchTokensWith(token))
}

/** One that its owner opens and closes. Its messages' types are the caller's to know. */
function untended<M>(client: WSClient<M>): Source {
  const ignore = (): void => undefined
  return { client: client as unknown as WSClient, expect: ignore, use: () => ignore, fetchTokensWith: ignore }
}
