import type { Incoming, IncomingAction, IncomingOf, Messages } from '../typed.js'
import { told, useListener, type MessageHandler } from './listening.js'
import { useOpen, useSource, type HookOptions } from './source.js'

/**
 * Calls `handler` with each message, or with each whose action (the option `actionField`) is `action`: every
 * one, in the order in which they came, without a render. It is always the handler of the latest render.
 *
 * @throws EverwireError `not-configured` if nothing says which client
 *
 * @example
 * ```ts
 * import { useMessage } from 'everwire/react'
 *
 * function useToasts(): void {
 *   useMessage('notification', ({ title }: { title: string }) => show(title))
 * }
 * ```
 */
export function useMessage<
  A extends IncomingAction<M>,
  M = Messages,
  T extends IncomingOf<A, M> = IncomingOf<A, M>,
>(action: A, handler: MessageHandler<T>, options?: HookOptions<M>): void
export function useMessage<M = Messages, T extends Incoming<M> = Incoming<M>>(
  handler: MessageHandler<T>,
  options?: HookOptions<M>,
): void
export function useMessage(...args: unknown[]): void {
  const [action, handler, { client }] = told<MessageHandler<unknown>, HookOptions>(args)
  const source = useSource(client)
  useListener(source.client, action, handler)
  useOpen(source)
}
