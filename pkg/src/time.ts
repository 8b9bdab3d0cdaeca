import type { WSClient } from './client.js'

/**
 * What a test puts in the place of the page's time: `everwire/testing`. Read whenever it is used, and known by
 * its symbol, so that every copy of this module agrees.
 */
export interface Time {
  /** Milliseconds since 1970. */
  now(): number
  /** Goes on from the page's own, so that a client that was there before sees no jump. */
  readonly performance: Pick<Performance, 'now'>
  setTimeout(then: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
  /** The app opens a client, maybe again. */
  opening(client: TestedClient, url: string): void
  /** A client waits for this token, which no time brings. */
  awaiting(token: Promise<unknown>): void
}

/** What a test sees of a client. */
export type TestedClient = EventTarget & Pick<WSClient, 'state' | 'engine' | 'dispose'>

/** A timer of either time. */
export type Timer = unknown

/** The time of a test, if one runs. */
export function testTime(): Time | undefined {
  return (globalThis as Record<symbol, Time | undefined>)[Symbol.for('everwire.time')]
}

/** Milliseconds since 1970. */
export function now(): number {
  return (testTime() ?? Date).now()
}

/** Milliseconds since some moment, however the user sets the clock. */
export function steadyNow(): number {
  return (testTime() ?? globalThis).performance.now()
}

/** As `setTimeout()`. */
export function startTimer(then: () => void, ms: number): Timer {
  return (testTime() ?? globalThis).setTimeout(then, ms)
}

/** As `clearTimeout()`. */
export function stopTimer(timer: Timer): void {
  ;(testTime() ?? globalThis).clearTimeout(timer as number)
}
