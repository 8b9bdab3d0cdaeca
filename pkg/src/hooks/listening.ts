import { useInsertionEffect, useRef, type RefObject } from 'react'
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
  useCommitEffect(() => {
    if (!listens) return
    return listen<T>(client, action, (message, event) => latest.current?.(message, event))
  }, [client, action, listens, latest])
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
