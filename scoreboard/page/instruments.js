// Runs before the client is loaded, as a script of its own, and leaves `window.instruments`.
import { trackSockets } from '../../chaos/page/sockets.js'

/** When each socket was asked for, in milliseconds of the page's clock: what Chromium delays is not the client's. */
const attempts = []

class Noted extends window.WebSocket {
  constructor(...args) {
    attempts.push(performance.now())
    super(...args)
  }
}

/** What nobody caught: thrown by listeners, or rejected. */
const uncaught = []
window.addEventListener('error', ({ message }) => uncaught.push(message))
window.addEventListener('unhandledrejection', ({ reason }) => uncaught.push(`unhandled: ${reason}`))

const sockets = trackSockets(Noted)
window.WebSocket = sockets.Tracked
window.instruments = { attempts, uncaught, sockets }
