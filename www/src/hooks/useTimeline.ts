import type { ConnectionState, ProblemEvent, StateChangeEvent, WSClient } from 'everwire'
import { useLayoutEffect, useReducer } from 'react'
import { connectionWord, type ConnectionWord } from '../connectionWord.js'
import { tokenEvents } from '../tokens.js'

/** One thing that the connection did. */
export interface TimelineEntry {
  readonly key: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly tone: ConnectionWord | 'problem' | 'token'
  readonly what: string
  readonly why: string
}

type Happening = Omit<TimelineEntry, 'key'>

const KEPT = 200

/** What a client did since this component was mounted, newest first, the last 200 things. */
export function useTimeline(client: WSClient): readonly TimelineEntry[] {
  const [timeline, add] = useReducer(withNewest, [])

  // Before the effects, one of which opens the client.
  useLayoutEffect(() => {
    const onStateChange = ({ state }: StateChangeEvent): void => add(tellState(state))
    const onProblem = ({ error }: ProblemEvent): void => {
      add({ at: Date.now(), tone: 'problem', what: error.code, why: error.message })
    }
    const onRefreshed = (): void => {
      const why = 'axios-jwt got a fresh one from /demo/refresh'
      add({ at: Date.now(), tone: 'token', what: 'token refreshed', why })
    }
    client.addEventListener('statechange', onStateChange)
    client.addEventListener('error', onProblem)
    tokenEvents.addEventListener('refreshed', onRefreshed)
    return () => {
      client.removeEventListener('statechange', onStateChange)
      client.removeEventListener('error', onProblem)
      tokenEvents.removeEventListener('refreshed', onRefreshed)
    }
  }, [client])

  return timeline
}

function withNewest(timeline: readonly TimelineEntry[], happening: Happening): readonly TimelineEntry[] {
  const key = (timeline[0]?.key ?? 0) + 1
  return [{ key, ...happening }, ...timeline].slice(0, KEPT)
}

function tellState(state: ConnectionState): Happening {
  const at = Date.now()
  return { at, tone: connectionWord(state.status), what: tellWhat(state, at), why: tellWhy(state) }
}

function tellWhat({ status, cause, attempt, retryAt }: ConnectionState, at: number): string {
  switch (status) {
    case 'fetching-token':
      return 'asks for a token'
    case 'connecting':
      return 'opens a socket'
    case 'open':
      if (cause === 'handed-over') return 'new socket, no gap'
      return cause === 'stable' ? 'stable' : 'connected'
    case 'waiting':
      return `retry ${attempt} in ${(((retryAt ?? at) - at) / 1000).toFixed(1)} s`
    case 'suspended':
      return 'suspended'
    case 'closed':
      return 'disconnected'
  }
}

function tellWhy({ status, why, cause, closeCode }: ConnectionState): string {
  if (cause === 'socket-closed') return closeCode === undefined ? why : `${why} (${closeCode})`
  // A retry after a failure: the `error` event just before has told it.
  return status === 'waiting' ? '' : why
}
