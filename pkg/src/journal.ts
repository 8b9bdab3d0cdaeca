import type { Counters, Explanation, Transition } from './explanation.js'
import type { Cause, ConnectionState } from './state.js'
import { now } from './time.js'

const KEPT = 50

/** What ends a socket against the client's will. */
const LOSSES = new Set<Cause>(['socket-closed', 'server-refused', 'heartbeat-unanswered'])

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Remembers what a client goes through. */
export class Journal {
  readonly #transitions: Transition[] = []
  readonly counters: Mutable<Omit<Counters, 'queued' | 'bufferedAmount'>> = {
    attempts: 0,
    drops: 0,
    handOvers: 0,
    messagesSent: 0,
    bytesSent: 0,
    framesReceived: 0,
    charactersReceived: 0,
    duplicates: 0,
    rttMs: undefined,
  }

  note(state: ConnectionState, previous: ConnectionState): Transition {
    const { status: to, cause, why } = state
    const from = previous.status
    if (cause === 'handed-over') this.counters.handOvers += 1
    if (cause && LOSSES.has(cause)) this.counters.drops += from === 'open' ? 1 : 0
    const transition = { at: now(), from, to, cause, why }
    this.#transitions.push(transition)
    if (this.#transitions.length > KEPT) this.#transitions.shift()
    return transition
  }

  explain(state: ConnectionState, now: Pick<Counters, 'queued' | 'bufferedAmount'>): Explanation {
    const transitions = [...this.#transitions]
    const counters = { ...this.counters, ...now }
    return { state, transitions, counters, toString: () => written(state, transitions, counters) }
  }
}

function written(
  { status, why, retryAt }: ConnectionState,
  transitions: Transition[],
  counters: Counters,
): string {
  const next = retryAt === undefined ? '' : `, next attempt at ${new Date(retryAt).toISOString()}`
  return [
    `${status}: ${why}${next}`,
    ...transitions.map((it) => `${new Date(it.at).toISOString()} ${it.from} → ${it.to}: ${it.why}`),
    JSON.stringify(counters),
  ].join('\n')
}
