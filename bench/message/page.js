// One client. What it hears is counted, and added up, so that nobody can leave out the parsing.
import { make } from 'the-client'
import { textsOf } from './texts.js'

let socket
let heard = 0
let sum = 0
let told = () => undefined

window.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args)
    socket = this
  }
}

function say(kind, { message } = {}) {
  if (kind !== 'message') return
  heard += 1
  sum += message.n
  told()
}

window.bench = {
  /** Settles when the client says that it is connected. */
  async open(url) {
    const client = make({ url, token: () => Promise.resolve('a-token') }, say)
    client.open()
    while (!client.isOpen) await new Promise((turn) => setTimeout(turn, 5))
  },

  /**
   * Dispatches messages on the client's own socket, as the browser does when they come: microseconds per message, until
   * the listener has returned. The events are made before the clock runs, a few at a time, so that they do not pile up.
   */
  dispatch(bytes, rounds, perRound) {
    const text = textsOf(bytes)
    const before = { heard, sum }
    let expected = 0
    const times = Array.from({ length: rounds }, () => {
      const events = Array.from(
        { length: perRound },
        (_, i) => new MessageEvent('message', { data: text(i) }),
      )
      expected += events.reduce((total, { data }) => total + JSON.parse(data).n, 0)
      const start = performance.now()
      for (const event of events) socket.dispatchEvent(event)
      return performance.now() - start
    })
    if (heard - before.heard !== rounds * perRound || sum - before.sum !== expected)
      throw new Error('a message did not reach the listener')
    return (meanOf(undisturbed(times)) * 1000) / perRound
  },

  /** Asks the server for messages: milliseconds until the last of them has been heard. */
  flood(bytes, count) {
    const end = heard + count
    const start = performance.now()
    return new Promise((resolve) => {
      told = () => heard === end && resolve(performance.now() - start)
      socket.send(JSON.stringify({ action: 'flood', bytes, count }))
    })
  },
}

/** Without the rounds in which the system let something else run. Those with the browser's own tidying up stay. */
function undisturbed(times) {
  const sorted = [...times].sort((one, other) => one - other)
  return sorted.filter((time) => time <= 3 * sorted[Math.floor(sorted.length / 4)])
}

const meanOf = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length
