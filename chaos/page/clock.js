import { byClient } from './by-client.js'

/**
 * Takes the clock away from the client and gives it to a test: time stands still until `advance(ms)`, which moves it at
 * one go and then fires what is due, as a browser does that was asleep. Sockets go on in real time.
 *
 * Call it before a client is made, and once a page.
 */
export function installClock(startAt = Date.now()) {
  const { setTimeout, clearTimeout } = window
  let now = 0
  // Below zero, where no browser's are.
  let lastId = 0
  const timers = new Map()
  performance.now = () => now
  Date.now = () => startAt + now
  window.setTimeout = (then, ms = 0, ...rest) => {
    if (!byClient()) return setTimeout(then, ms, ...rest)
    lastId -= 1
    timers.set(lastId, { dueAt: now + ms, fire: () => then(...rest) })
    return lastId
  }
  window.clearTimeout = (id) => timers.delete(id) || clearTimeout(id)
  return {
    /** How many timers are set. */
    armed: () => timers.size,
    /** Moves it, and nothing fires: the browser is still asleep, or its timers are late. */
    sleep(ms) {
      now += ms
    },
    advance(ms) {
      now += ms
      const due = [...timers].filter(([, { dueAt }]) => dueAt <= now)
      for (const [id, { fire }] of due.sort(([, a], [, b]) => a.dueAt - b.dueAt)) {
        // One that fired before it may have cleared it.
        if (timers.delete(id)) fire()
      }
    },
  }
}
