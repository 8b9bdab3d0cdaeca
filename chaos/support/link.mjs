import { STATUS_CODES } from 'node:http'
import { connect } from 'node:net'
import { Lane } from './lane.mjs'

/**
 * One connection through the proxy: `client` is the browser's end, `server` the gateway's. Up is from the browser to
 * the gateway, down is back.
 */
export class Link {
  #client
  #server
  #up
  #down
  /** The gateway's end broke while its news were held back. */
  #isOrphan = false

  /**
   * @param fault what befalls the connection before anything else; it may keep the gateway out of it
   * @param onHandshake called when the browser has asked for a WebSocket
   * @param onAnswer called when the gateway has begun to answer, whether or not that gets through
   * @param onClientGone called when the browser's end is closed
   * @param onGone called when both are
   */
  constructor(client, target, { fault, onHandshake, onAnswer, onClientGone, onGone }) {
    this.#client = client
    this.#server = connect({ ...target, allowHalfOpen: true, noDelay: true })
    this.#up = new Lane(this.#client, this.#server)
    this.#down = new Lane(this.#server, this.#client)
    this.#listenToClient(onHandshake, onClientGone)
    this.#server.once('data', onAnswer)
    this.#server.on('error', () => (this.#down.isHeld ? (this.#isOrphan = true) : this.reset()))
    let ends = 2
    for (const end of [client, this.#server]) end.once('close', () => --ends === 0 && onGone())
    fault?.(this)
  }

  #listenToClient(onHandshake, onClientGone) {
    const client = this.#client
    client.once('data', (bytes) => bytes.subarray(0, 4).toString() === 'GET ' && onHandshake())
    client.on('error', () => undefined)
    // A browser that hangs up reads no more, so there is nobody to hold anything back for.
    client.on('end', () => (this.#up.isHeld || this.#down.isHeld) && client.destroy())
    client.once('close', (hadError) => {
      onClientGone()
      this.#down.stop()
      // The gateway hears nothing of it while nothing gets through.
      if (!hadError) return
      if (this.#up.isHeld) this.#up.finish()
      else reset(this.#server)
    })
  }

  /** Both ends get a TCP reset. */
  reset() {
    this.#stop()
    reset(this.#client)
    reset(this.#server)
  }

  /** Both ends get an orderly end of the stream, in the middle of whatever they were saying. */
  close() {
    this.#stop()
    this.#client.end().resume()
    this.#server.end().resume()
  }

  /** Open, and dumb: `up`, `down` or `both`. */
  blackHole(direction) {
    for (const lane of this.#lanes(direction)) lane.hold()
  }

  /** From now on each piece takes so long. */
  delay({ up = 0, down = 0 }) {
    this.#up.delayMs = up
    this.#down.delayMs = down
  }

  /** The receiver of `up` or `down` is told that no more comes; the other direction goes on. */
  halfClose(direction) {
    for (const lane of this.#lanes(direction)) lane.end()
  }

  /** Both ends get the end of the stream when so many more bytes have passed. */
  cutAfter(bytes, direction) {
    for (const lane of this.#lanes(direction)) lane.limit(bytes, () => this.close())
  }

  /** Closes as soon as the gateway's first answer has passed. */
  closeAfterAnswer() {
    void this.#down.passedFirst.then(() => this.close())
  }

  /** Answers the handshake with this HTTP status, in the gateway's place. */
  answer(status) {
    this.#stop()
    this.#server.destroy()
    this.#client.once('data', () => {
      const text = STATUS_CODES[status]
      const head = [`HTTP/1.1 ${status} ${text}`, `Content-Length: ${text.length}`, 'Connection: close']
      this.#client.end(`${head.join('\r\n')}\r\n\r\n${text}`)
    })
  }

  /** Everything flows again, and what was held back comes late. */
  heal() {
    if (this.#isOrphan) return this.reset()
    for (const lane of this.#lanes('both')) lane.heal()
  }

  #stop() {
    for (const lane of this.#lanes('both')) lane.stop()
  }

  #lanes(direction) {
    return { up: [this.#up], down: [this.#down], both: [this.#up, this.#down] }[direction]
  }
}

/**
 * A TCP reset. Not where the end of the stream is being sent already: Node then leaves the handle open without a word,
 * and the process spins when it should exit.
 */
function reset(socket) {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
