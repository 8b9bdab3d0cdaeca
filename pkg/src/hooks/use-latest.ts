import { useCallback, useSyncExternalStore } from 'react'
import type { Incoming, IncomingAction, IncomingOf, Messages } from '../typed.js'
import { listen, told, useListening, useNewest } from './listening.js'
import { paint, usePainted, type Painted } from './painted.js'
import { useOpen, useSource, type HookOptions } from './source.js'

/** What {@link useLatest} takes beside the selector. */
export interface UseLatestOptions<M = Messages, S = unknown> extends HookOptions<M> {
  /** Whether two selected values are the same, so that nothing need be rendered. @default Object.is */
  isEqual?: ((a: S, b: S) => boolean) | undefined
}

/**
 * What the selector made of the latest message, or of the latest whose action is `action`; without a selector
 * the message itself. `undefined` until there is one, from the time when the component is mounted.
 *
 * The selector sees every message, in order; what it gives `undefined` for is passed over. The component renders
 * at most once per frame, with the last value of that frame: the values in between are not rendered.
 *
 * @throws EverwireError `not-configured` if nothing says which client
 *
 * @example
 * ```ts
 * import { useLatest } from 'everwire/react'
 *
 * interface Price { action: 'price'; symbol: string; value: number }
 *
 * function usePrice(symbol: string): number | undefined {
 *   return useLatest('price', (price: Price) => (price.symbol === symbol ? price.value : undefined))
 * }
 * ```
 */
export function useLatest<A extends IncomingAction<M>, M = Messages>(
  action: A,
  options?: HookOptions<M>,
): IncomingOf<A, M> | undefined
// `T` is for selectors that say what they take, where the app has declared nothing.
/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters */
export function useLatest<
  S,
  A extends IncomingAction<M>,
  M = Messages,
  T extends IncomingOf<A, M> = IncomingOf<A, M>,
>(action: A, selector: (message: T) => S | undefined, options?: UseLatestOptions<M, S>): S | undefined
export function useLatest<S, M = Messages, T extends Incoming<M> = Incoming<M>>(
  selector: (message: T) => S | undefined,
  options?: UseLatestOptions<M, S>,
): S | undefined
/* eslint-enable @typescript-eslint/no-unnecessary-type-parameters */
export function useLatest(...args: unknown[]): unknown {
  type Selector = (message: unknown) => unknown
  const [action, selector, { client: given, isEqual }] = told<Selector, UseLatestOptions>(args)
  const source = useSource(given)
  const { client } = source
  const latest = usePainted(makeLatest, client, action)
  const newest = useNewest({ selector, isEqual })
  const start = useCallback(
    () =>
      listen(client, action, (message) => {
        const { selector, isEqual } = newest.current
        latest.take(selector ? selector(message) : message, isEqual)
      }),
    [client, action, latest, newest],
  )
  useListening(start)
  useOpen(source)
  return useSyncExternalStore(latest.subscribe, latest.get, nothing)
}

const nothing = (): undefined => undefined

/** The last selected value. */
function makeLatest(): Painted<unknown> & {
  take: (value: unknown, isEqual: UseLatestOptions['isEqual']) => void
} {
  let latest: unknown
  const painted = paint(latest, () => latest)
  return {
    ...painted,
    take(value, isEqual = Object.is) {
      if (value === undefined || (latest !== undefined && isEqual(latest, value))) return
      latest = value
      painted.changed()
    },
  }
}
