import { useCallback, useSyncExternalStore } from 'react'
import type { WSEvent } from '../events.js'
import { checkNumber } from '../options.js'
import type { Incoming, IncomingAction, IncomingOf, Messages } from '../typed.js'
import { listen, useListening } from './listening.js'
import { paint, usePainted, type Painted } from './painted.js'
import { useCommitEffect, useOpen, useSource, type HookOptions } from './source.js'

const LIMIT = 100

/** What {@link useMessages} takes. */
export interface UseMessagesOptions<A = string, M = Messages> extends HookOptions<M> {
  /** How many messages are kept: the latest. @default 100 */
  limit?: number | undefined
  /** Keeps only messages of this action. @default all */
  action?: A | undefined
}

/** A message that was kept. */
export interface KeptMessage<T> {
  /** Tells the message from all others of this component: React's `key`. */
  readonly key: number
  /** The message itself. */
  readonly message: T
  /** The event in which it came; its `timeStamp` says when. */
  readonly event: WSEvent<T>
}

/** What {@link useMessages} gives; the same object until something changes. */
export interface KeptMessages<T> {
  /** The latest messages, the latest at the end. */
  readonly messages: readonly KeptMessage<T>[]
  /** How many older ones were dropped, because `limit` were there. */
  readonly dropped: number
  /** Forgets all of them, and sets `dropped` to 0. */
  readonly clear: () => void
}

/**
 * The messages that came since the component was mounted, `limit` of them at most: one more drops the oldest,
 * which is counted in `dropped`. The component renders at most once per frame, however many messages came.
 *
 * @throws EverwireError `not-configured` if nothing says which client, `invalid-option` if `limit` is no whole number from 1
 *
 * @example
 * ```tsx
 * import { useMessages } from 'everwire/react'
 *
 * function Notifications() {
 *   const { messages, dropped } = useMessages({ action: 'notification', limit: 50 })
 *   return <p>{messages.length} shown, {dropped} older</p>
 * }
 * ```
 */
export function useMessages<A extends IncomingAction<M> = never, M = Messages>(
  options?: UseMessagesOptions<A, M>,
): KeptMessages<[A] extends [never] ? Incoming<M> : IncomingOf<A, M>>
export function useMessages({
  limit = LIMIT,
  action,
  client: given,
}: UseMessagesOptions = {}): KeptMessages<unknown> {
  checkNumber('limit', limit, 1, 1_000_000)
  const source = useSource(given)
  const { client } = source
  const kept = usePainted(makeKept, client, action)
  useCommitEffect(() => kept.limitTo(limit), [kept, limit])
  const start = useCallback(
    () => listen(client, action, (message, event) => kept.take(message, event)),
    [client, action, kept],
  )
  useListening(start)
  useOpen(source)
  return useSyncExternalStore(kept.subscribe, kept.get, kept.get)
}

/** The latest messages, and how many were dropped. */
function makeKept(): Painted<KeptMessages<unknown>> & {
  /** How many are kept from now on. */
  limitTo: (limit: number) => void
  take: (message: unknown, event: WSEvent) => void
} {
  let messages: KeptMessage<unknown>[] = []
  let [dropped, count, limit] = [0, 0, LIMIT]
  const dropOldest = (): void => {
    dropped += messages.splice(0, Math.max(0, messages.length - limit)).length
  }
  const clear = (): void => {
    messages = []
    dropped = 0
    painted.show()
  }
  const painted = paint<KeptMessages<unknown>>({ messages: [], dropped, clear }, (shown) => {
    dropOldest()
    const isSame =
      shown.messages.at(-1) === messages.at(-1) &&
      shown.messages.length === messages.length &&
      shown.dropped === dropped
    return isSame ? shown : { messages: [...messages], dropped, clear }
  })
  return {
    ...painted,
    limitTo(most) {
      limit = most
      if (messages.length > limit) painted.changed()
    },
    take(message, event) {
      messages.push({ key: ++count, message, event })
      // Not at each message, since what is behind the oldest has to move up.
      if (messages.length > 2 * limit) dropOldest()
      painted.changed()
    },
  }
}
