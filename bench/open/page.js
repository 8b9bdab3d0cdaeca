// One client in a page of its own: how long it takes from open() until it constructs its socket.
import { make } from 'the-client'

let constructed = () => undefined

window.WebSocket = class extends WebSocket {
  constructor(...args) {
    constructed(performance.now())
    super(...args)
  }
}

window.bench = {
  /**
   * Milliseconds for `first`, the first client of this page, which loads what it needs; for `another` one later; and for
   * the same one `again`, after it was closed.
   *
   * @param tokenMs how long the token function takes; 0: its promise is settled when it is given
   */
  async open(url, tokenMs) {
    const token = () =>
      tokenMs === 0 ? Promise.resolve('a-token') : new Promise((done) => setTimeout(done, tokenMs, 'a-token'))
    const first = await timed(make({ url, token }, () => undefined))
    const client = make({ url, token }, () => undefined)
    const another = await timed(client)
    const again = await timed(client)
    return { first, another, again }
  },
}

/** From open() to the socket; then it is let open, and closed. */
async function timed(client) {
  const socket = new Promise((resolve) => (constructed = resolve))
  const start = performance.now()
  client.open()
  const ms = (await socket) - start
  while (!client.isOpen) await new Promise((turn) => setTimeout(turn, 5))
  client.close()
  while (client.isOpen) await new Promise((turn) => setTimeout(turn, 5))
  return ms
}
