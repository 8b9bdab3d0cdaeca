import { once } from 'node:events'
import { createServer } from 'node:net'
import { WebSocketServer } from 'ws'

/** A real WebSocket server that a test can look into. `url` stays the same over `stop` and `start`. */
export class Server {
  #server

  static async start() {
    const server = new Server()
    await server.startAnew()
    return server
  }

  /** Starts at a new URL and forgets what was. */
  startAnew() {
    /** Sockets that are open now, the oldest first. */
    this.sockets = new Set()
    /** The URLs of all handshakes that succeeded, and of those that were refused. */
    this.handshakes = []
    this.refused = []
    /** The messages that came, in order, and the heartbeats, which are not among them. */
    this.received = []
    this.heartbeats = []
    /** Whether heartbeats are answered. */
    this.answers = true
    /** The HTTP status that handshakes are refused with, or what gives it for a URL; 0: none. */
    this.refusal = 0
    /** Called with each message and the socket it came on. */
    this.onMessage = () => undefined
    return this.start(0)
  }

  async start(port = this.port) {
    const verifyClient = ({ req }, accept) => {
      const url = new URL(req.url, 'ws://host')
      const status = typeof this.refusal === 'function' ? this.refusal(url) : this.refusal
      if (status) this.refused.push(url)
      accept(!status, status)
    }
    this.#server = new WebSocketServer({ host: '127.0.0.1', port, verifyClient })
    this.#server.on('connection', (socket, request) => this.#accept(socket, request))
    await once(this.#server, 'listening')
    this.port = this.#server.address().port
    this.url = `ws://127.0.0.1:${this.port}/dev`
  }

  #accept(socket, request) {
    this.sockets.add(socket)
    this.handshakes.push(new URL(request.url, 'ws://host'))
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('error', () => undefined)
    socket.on('message', (data) => this.#receive(socket, JSON.parse(String(data))))
  }

  #receive(socket, message) {
    if (message?.action === 'ping') {
      this.heartbeats.push(message)
      if (this.answers) socket.send(JSON.stringify({ action: 'pong', id: message.id }))
    } else this.received.push(message)
    this.onMessage(message, socket)
  }

  get newest() {
    return [...this.sockets].at(-1)
  }

  /** Sends a frame on every open socket: text, or binary for a Buffer. */
  push(frame) {
    for (const socket of this.sockets) socket.send(frame)
  }

  /** Closes every open socket with a close frame. */
  closeSockets(code, reason) {
    for (const socket of this.sockets) socket.close(code, reason)
  }

  /** Cuts every open socket, as a lost network does. */
  cutSockets() {
    for (const socket of this.sockets) socket.terminate()
  }

  /** Reads nothing more from the sockets that are open now, and says nothing: they are half-open. */
  freezeSockets() {
    for (const socket of this.sockets) socket.pause()
  }

  async stop() {
    this.cutSockets()
    await new Promise((done) => this.#server.close(done))
  }
}

/** What API Gateway sends when it cannot deal with a message. */
export function gatewayFrame(message) {
  return JSON.stringify({ message, connectionId: 'A1B2C3=', requestId: 'f00d-1' })
}

/** A server that accepts connections and never answers: every handshake hangs. */
export async function blackHole() {
  const connections = new Set()
  const server = createServer((connection) => {
    connections.add(connection)
    // Reads, so that it notices when the client hangs up.
    connection.resume()
    connection.on('error', () => undefined)
    connection.on('close', () => connections.delete(connection))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `ws://127.0.0.1:${server.address().port}/dev`,
    connections,
    stop() {
      for (const connection of connections) connection.destroy()
      server.close()
    },
  }
}
