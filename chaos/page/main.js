// What tests call in the page: `window.chaos`.
import { Recorded } from './recorder.js'

const { native, sockets, timers, listeners, uncaught, installClock } = window.instruments

/** Short waits, so that a test of the third retry need not take seconds. */
const QUICK = { firstRetryMs: 20, maxRetryMs: 200, stableAfterMs: 50 }

const turn = () => new Promise((resolve) => native.setTimeout(resolve, 1))

window.chaos = {
  sockets,
  timers,
  uncaught,
  installClock,

  /** A client and its record; options as for `WSClient`. */
  make: (options) => new Recorded({ ...QUICK, ...options }),

  /** Settles with what `holds` gives, as soon as that is true. In real time, whatever the page's clock says. */
  async until(holds, what, withinMs = 20_000) {
    const late = native.now() + withinMs
    for (;;) {
      const held = holds()
      if (held) return held
      if (native.now() > late) throw new Error(`waited in vain for ${what}`)
      await turn()
    }
  },

  /** A few turns of the event loop: what follows from a promise that has settled, has then happened. */
  async turns(count = 5) {
    for (let i = 0; i < count; i += 1) await turn()
  },

  /** A token function whose calls a test answers: `calls[0].give('…')`, `calls[0].fail()`; `calls[0].signal`. */
  tokenDesk() {
    const calls = []
    const token = ({ signal }) =>
      new Promise((give, reject) => {
        calls.push({ signal, give, fail: () => reject(new Error('no token today')) })
      })
    return { token, calls }
  },

  /** A listener that throws. It is here because browsers do not tell what a driver's script throws. */
  throwing({ type }) {
    throw new Error(`on purpose in ${type}`)
  },

  /** What all clients of the page hold: what one that is connected has, and one that is closed has not. */
  held: () => ({
    sockets: sockets.live().length,
    socketsListenedTo: sockets.listenedTo().length,
    timers: timers.size,
    listeners: listeners.size,
  }),
}
