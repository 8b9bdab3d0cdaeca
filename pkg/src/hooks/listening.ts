import { useCallback, useEffect, useInsertionEffect, useRef, type RefObject } from 'react'
import type { WSClient } from '../client.js'
import { WEBSOCKET_EVENT, type WSEvent } from '../events.js'
import { useCommitEffect } from './source.js'

/** What is called with a message. */
export type MessageHandler<T> = (message: T, event: WSEvent<T>) => void

/** Calls the handler of the latest render with each message of the action, or with each of all; renders nothing. */
export function useListener<T>(
  client: WSClient,
  action: string | undefined,
  handler: MessageHandler<T> | undefined,
): void {
  const latest = useNewest(handler)
  const listens = handler !== undefined
  const start = useCallback(
    () =>
      listens ? listen<T>(client, action, (message, event) => latest.current?.(message, event)) : nothing,
    [client, action, listens, latest],
  )
  useListening(start)
}

const nothing = (): void => undefined

/**
 * Listens from the commit on, before an effect of the app may send, until the component has gone. A Suspense
 * fallback, for which React undoes layout effects and no others, ends nothing.
 *
 * @param start another function is another thing to listen to; gives what ends it
 */
export function useListening(start: () => () => void): void {
  const running = useRef<{ readonly start: unknown; readonly end: () => void }>(undefined)
  const attach = useCallback(() => {
    if (running.current?.start === start) return
    // Not both: a message would come twice.
    running.current?.end()
    running.current = { start, end: start() }
  }, [start])
  useCommitEffect(attach, [attach])
  useEffect(() => {
    attach()
    return () => {
      if (running.current?.start !== start) return
      running.current.end()
      running.current = undefined
    }
  }, [attach, start])
}

/** The value of the latest render that was committed, for what is called later. */
export function useNewest<T>(value: T): RefObject<T> {
  const newest = useRef(value)
  // Before any other effect, so that a message which arrives in between finds it.
  useInsertionEffect(() => {
    newest.current = value
  })
  return newest
}

/** @returns ends it */
export function listen<T>(
  client: WSClient,
  action: string | undefined,
  handler: MessageHandler<T>,
): () => void {
  if (action !== undefined) return client.on(action as never, handler)
  const listener = (event: WSEvent<T>): void => handler(event.message, event)
  client.addEventListener(WEBSOCKET_EVENT, listener as EventListener)
  return () => client.removeEventListener(WEBSOCKET_EVENT, listener as EventListener)
}

/** The arguments of a hook, each of which may be left out: an action, a function, options. */
export function told<F, O extends object>(args: readonly unknown[]): [string | undefined, F | undefined, O] {
  const of = (type: string): unknown => args.find((arg) => typeof arg === type)
  return [of('string') as string | undefined, of('function') as F | undefined, (of('object') ?? {}) as O]
}
