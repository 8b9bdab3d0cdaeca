import { now as wallNow, steadyNow, testTime } from './time.js'

/** Wall clock and monotonic clock drift apart; only more than this, in milliseconds, is sleep. */
const DRIFT_MS = 1000

/**
 * A clock in milliseconds that never goes back, whatever the user does to the wall clock, and that does not
 * stand still while the computer sleeps, as `performance.now()` does in some browsers.
 */
export interface Clock {
  readonly now: () => number
  /**
   * The same for what happens thousands of times a second, by the wall clock, which is read in a third of the
   * time: a millisecond off; and if the user has set that back, it stands still until the next `now()`.
   */
  readonly roughly: () => number
}

export function startClock(): Clock {
  // Once: to look for a test at each message would take longer than to read the clock.
  const wall = testTime() ?? Date
  let slept = 0
  let last = 0
  let offset = wallNow() - steadyNow()
  return {
    now() {
      const steady = steadyNow()
      const now = wallNow() - steady
      if (now > offset + DRIFT_MS) slept += now - offset
      // Followed while it drifts, so that years of drift are not taken for a sleep.
      offset = now
      return (last = steady + slept)
    },
    roughly: () => Math.max(last, wall.now() - offset + slept),
  }
}
