import { useCallback, useRef, useState } from 'react'
import type { AnswerTo, Messages, Request } from '../typed.js'
import { useNewest } from './listening.js'
import { useOpen, useSource, type HookOptions } from './source.js'

/** What {@link useRequest} takes beside the message. */
export interface UseRequestOptions<M = Messages> extends HookOptions<M> {
  /** How long the answer may take, waiting for a socket included, in milliseconds. @default 30000 */
  timeoutMs?: number | undefined
}

/** Where the latest request of {@link useRequest} stands. */
export interface RequestState<Answer> {
  /** What the server has answered, until the next request is made. */
  readonly answer: Answer | undefined
  /** Why there is no answer: an `EverwireError`, as `client.request()` rejects with. */
  readonly error: unknown
  /** Whether the answer is waited for. */
  readonly isPending: boolean
}

/** What {@link useRequest} gives. */
export interface RequestControl<Args extends unknown[], Answer> extends RequestState<Answer> {
  /** Makes a request. The same function at each render. @returns as `client.request()`; nobody need handle the rejection */
  readonly request: (...args: Args) => Promise<Answer>
  /** Forgets the answer or the error; a request that is under way goes on, but is not shown. */
  readonly reset: () => void
}

const IDLE = { answer: undefined, error: undefined, isPending: false } as const

/**
 * Sends messages that have an answer, and shows where the latest of them stands. Earlier ones go on; only their
 * own promises tell. None is taken back when the component has gone: what it asked for may matter.
 *
 * @param message makes the message out of what `request()` is called with
 * @throws EverwireError `not-configured` if nothing says which client
 *
 * @example
 * ```tsx
 * import { useRequest } from 'everwire/react'
 *
 * function Unread() {
 *   const { request, answer, isPending } = useRequest((since: number) => ({ action: 'unread', since }))
 *   return <button disabled={isPending} onClick={() => void request(0)}>{JSON.stringify(answer)}</button>
 * }
 * ```
 */
export function useRequest<Args extends unknown[], R extends Request<M>, M = Messages>(
  message: (...args: Args) => R,
  { client: given, timeoutMs }: UseRequestOptions<M> = {},
): RequestControl<Args, AnswerTo<R, M>> {
  type Answer = AnswerTo<R, M>
  const source = useSource(given)
  const { client } = source
  const [{ of, ...state }, setState] = useState<RequestState<Answer> & { of: unknown }>({
    ...IDLE,
    of: client,
  })
  const newest = useNewest({ message, timeoutMs })
  /** The request that is shown. */
  const shown = useRef<object>(undefined)
  useOpen(source)

  const request = useCallback(
    (...args: Args) => {
      const { message, timeoutMs } = newest.current
      const answered = client.request(message(...args), { timeoutMs }) as Promise<Answer>
      shown.current = answered
      const show = (state: Partial<RequestState<Answer>>): void => {
        if (shown.current === answered) setState({ ...IDLE, ...state, of: client })
      }
      show({ isPending: true })
      answered.then(
        (answer) => show({ answer }),
        (error: unknown) => show({ error }),
      )
      return answered
    },
    [client, newest],
  )
  const reset = useCallback(() => {
    shown.current = undefined
    setState({ ...IDLE, of: undefined })
  }, [])
  // What another client was asked, another user's perhaps, is not shown for this one.
  return { ...(of === client ? state : IDLE), request, reset }
}
