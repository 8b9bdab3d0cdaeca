import { now as wallNow, steadyNow } from './time.js'

/** Wall clock and monotonic clock drift apart; only more than this, in milliseconds, is sleep. */
const DRIFT_MS = 1000

/**
 * A clock in milliseconds that never goes back, whatever the user does to the wall clock, and that does not
 * stand still while the computer sleeps, as `performance.now()` does in some browsers.
 */
export function startClock(): () => number {
  let slept = 0
  let offset = wallNow() - steadyNow()
  return () => {
    const steady = steadyNow()
    const now = wallNow() - steady
    if (now > offset + DRIFT_MS) slept += now - offset
    // Followed while it drifts, so that years of drift are not taken for a sleep.
    offset = now
    return steady + slept
  }
}
