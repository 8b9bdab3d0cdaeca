// What scenarios call in the page: `window.score`.
import * as adapter from 'the-client'
import { Played } from './played.js'
import { mountStrictly } from './strict.js'

const { attempts, uncaught, sockets } = window.instruments

window.score = {
  attempts,
  uncaught,
  live: () => sockets.live().length,

  /** Makes `window.it`: a client and its record. */
  make(place, wishes) {
    window.it = new Played(adapter, place, wishes)
  },

  /** Settles with how many milliseconds it took until `holds`, or null if it does not in time. */
  async until(holds, withinMs) {
    const start = performance.now()
    for (;;) {
      if (holds()) return performance.now() - start
      if (performance.now() - start > withinMs) return null
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  },

  mountStrictly: (place) => mountStrictly(adapter.Component, place),
}
