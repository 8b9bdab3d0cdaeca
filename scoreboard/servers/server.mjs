import { once } from 'node:events'
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

/**
 * A WebSocket server for one client: it echoes, pushes, and counts.
 *
 * What it speaks is a dialect: `start(server, webSocketServer)`, which returns `{ accept(socket), push(message) }`; and
 * `handleProtocols`, or `attach(http, options)` where it brings a WebSocket server of its own.
 */
export class Server {
  #http
  #dialect
  /** The longest frame: as API Gateway has it. */
  maxBytes = 32_768
  sockets = new Set()
  /** When each frame came or went, heartbeats included. */
  frames = []
  /** The messages that came, in order. */
  received = []
  /** How many messages came that were too large. Each is answered with close code 1009. */
  oversized = 0
  /** How often it asks for a sign of life, and how long the answer may take, in dialects where the server does. */
  heartbeat = { everyMs: 25_000, timeoutMs: 20_000 }
  /** After so long it closes a socket with 1001; 0: never. */
  lifeMs = 0

  static async start(dialect) {
    const server = new Server()
    await server.#listen(dialect)
    return server
  }

  async #listen(dialect) {
    const { handleProtocols, attach = withWs } = dialect
    this.#http = createServer()
    const sockets = attach(this.#http, { maxPayload: this.maxBytes, handleProtocols })
    sockets.on('connection', (socket) => this.#accept(socket))
    this.#dialect = dialect.start(this, sockets)
    this.#http.listen(0, '127.0.0.1')
    await once(this.#http, 'listening')
    this.port = this.#http.address().port
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
    await new Promise((done) => this.#http.close(done).closeAllConnections())
  }
}

const withWs = (http, options) => new WebSocketServer({ server: http, ...options })
