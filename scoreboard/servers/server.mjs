import { once } from 'node:events'
import { WebSocketServer } from 'ws'

/** As API Gateway has it for frames. */
const MAX_BYTES = 32_768

/**
 * A WebSocket server for one client: it echoes, pushes, and counts. What it speaks is a dialect: a function of the
 * server that returns `{ handleProtocols, accept(socket), push(message) }`.
 */
export class Server {
  #server
  #dialect
  sockets = new Set()
  /** When each frame came or went, heartbeats included. */
  frames = []
  /** The messages that came, in order. */
  received = []
  /** How many messages came that were too large. Each is answered with close code 1009. */
  oversized = 0
  /** How often it asks for a sign of life, in dialects where the server does. */
  heartbeatMs = 25_000
  /** After so long it closes a socket with 1001; 0: never. */
  lifeMs = 0

  static async start(dialect) {
    const server = new Server()
    await server.#listen(dialect)
    return server
  }

  async #listen(dialect) {
    const { handleProtocols } = dialect
    const options = { host: '127.0.0.1', port: 0, maxPayload: MAX_BYTES, handleProtocols }
    this.#server = new WebSocketServer(options)
    this.#server.on('connection', (socket) => this.#accept(socket))
    this.#dialect = dialect.start(this, this.#server)
    await once(this.#server, 'listening')
    this.port = this.#server.address().port
  }

  #accept(socket) {
    this.sockets.add(socket)
    const { send } = socket
    socket.send = (...args) => {
      this.frames.push(Date.now())
      send.apply(socket, args)
    }
    socket.on('message', () => this.frames.push(Date.now()))
    socket.on('error', ({ code }) => {
      if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.oversized += 1
    })
    const end = this.lifeMs && setTimeout(() => socket.close(1001), this.lifeMs)
    socket.on('close', () => {
      clearTimeout(end)
      this.sockets.delete(socket)
    })
    this.#dialect.accept?.(socket)
  }

  /** To everyone who is connected. */
  push(message) {
    this.#dialect.push(message)
  }

  /** A frame as it is, on every open socket. */
  pushRaw(text) {
    for (const socket of this.sockets) socket.send(text)
  }

  async stop() {
    for (const socket of this.sockets) socket.terminate()
    await new Promise((done) => this.#server.close(done))
  }
}
