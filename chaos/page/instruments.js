// Runs before the client is loaded, as a script of its own, and leaves `window.instruments`.
import { installClock } from './clock.js'
import { countListeners, countTimers } from './counts.js'
import { trackSockets } from './sockets.js'

/** What the page itself uses, so that it is neither counted nor moved by the clock. */
const native = {
  setTimeout: window.setTimeout.bind(window),
  now: performance.now.bind(performance),
}

/** What nobody caught: thrown by listeners, or rejected. */
const uncaught = []
window.addEventListener('error', ({ message }) => uncaught.push(message))
window.addEventListener('unhandledrejection', ({ reason }) => uncaught.push(`unhandled: ${reason}`))

window.instruments = {
  native,
  uncaught,
  sockets: trackSockets(window.WebSocket),
  timers: countTimers(),
  listeners: countListeners([window, document]),
  installClock,
}
