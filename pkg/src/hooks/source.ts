import {
  createContext,
  useContext,
  useEffect,
  useInsertionEffect,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react'
import type { WSClient } from '../client.js'
import { EverwireError } from '../error.js'
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

/**
 * The client that a hook is about: the given one, that for the given URL or user, the nearest provider's, the
 * configured one.
 *
 * @throws EverwireError `not-configured` if nothing says which client, `invalid-option`
 */
export function useSource<M>(client: WSClient<M> | undefined, options: Partial<SharedOptions> = {}): Source {
  const given = useMemo(() => client && untended(client as unknown as WSClient), [client])
  const provided = useContext(SourceContext)
  if (given) return given
  const { url, user, token } = options
  if (!provided || url !== undefined || user !== undefined) return shared(options)
  if (!token) return provided
  throw new EverwireError(
    'invalid-option',
    "a token without url or user is nobody's: the WebSocketProvider around the component has a token of its own",
  )
}

/** Keeps the client open while the component is mounted. */
export function useOpen(source: Source, enabled = true): void {
  const used = useRef<Source>(undefined)
  useCommitEffect(() => {
    // A tree that a Suspense fallback has hidden comes back with this effect, and without the one below.
    if (enabled && used.current !== source) source.expect()
  }, [source, enabled])
  useEffect(() => {
    if (!enabled) return
    used.current = source
    const end = source.use()
    return () => {
      used.current = undefined
      end()
    }
  }, [source, enabled])
}

/** Has the client ask the token function of the latest render. */
export function useTokens(source: Source, token: SharedOptions['token']): void {
  useInsertionEffect(() => source.fetchTokensWith(token))
}

/** One that its owner opens and closes, whatever its components do. */
export function untended(client: WSClient): Source {
  const ignore = (): void => undefined
  return { client, expect: ignore, use: () => ignore, fetchTokensWith: ignore }
}
