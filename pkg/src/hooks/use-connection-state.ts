import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { WSClient } from '../client.js'
import { NEVER_OPENED, type ConnectionState } from '../state.js'
import { told } from './listening.js'
import { useSource, type HookOptions } from './source.js'

type Selector<S> = (state: ConnectionState) => S

/**
 * The state of a client, or what a selector makes of it: one render for each change of that. It only looks, and
 * opens nothing.
 *
 * @throws EverwireError `not-configured` if nothing says which client
 *
 * @example
 * ```ts
 * import { useConnectionState } from 'everwire/react'
 *
 * function useIsOpen(): boolean {
 *   return useConnectionState(({ status }) => status === 'open')
 * }
 * ```
 */
export function useConnectionState<M>(options?: HookOptions<M>): ConnectionState
export function useConnectionState<S, M>(selector: Selector<S>, options?: HookOptions<M>): S
export function useConnectionState(...args: unknown[]): unknown {
  const [, selector = identity, { client: given }] = told<Selector<unknown>, HookOptions>(args)
  const { client } = useSource(given)
  const subscribe = useCallback(
    (changed: () => void) => {
      client.addEventListener('statechange', changed)
      return () => client.removeEventListener('statechange', changed)
    },
    [client],
  )
  const get = useMemo(() => selected(client, selector), [client, selector])
  const getOnServer = useMemo(() => selected({ state: NEVER_OPENED }, selector), [selector])
  return useSyncExternalStore(subscribe, get, getOnServer)
}

const identity = (state: ConnectionState): ConnectionState => state

/** Selects once for each state, so that a selector may give a new object. */
function selected(client: Pick<WSClient, 'state'>, selector: Selector<unknown>): () => unknown {
  let last: { state: ConnectionState; value: unknown } | undefined
  return () => {
    const { state } = client
    if (last?.state !== state) last = { state, value: selector(state) }
    return last.value
  }
}
