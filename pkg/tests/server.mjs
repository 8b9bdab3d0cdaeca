import { once } from 'node:events'
import { createServer } from 'node:net'
import { WebSocketServer } from 'ws'

/** A real WebSocket server that a test can look into. `url` stays the same over `stop` and `start`. */
export class Server {
  #server
  /** Sockets that are open now. */
  sockets = new Set()
  /** The URLs of all handshakes that succeeded, and the messages that came, in order. */
  handshakes = []
  received = []

  static async start() {
    const server = new Server()
    await server.start(0)
    return server
  }

  async start(port = this.port) {
    this.#server = new WebSocketServer({ host: '127.0.0.1', port })
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
    socket.on('message', (data) => this.received.push(JSON.parse(String(data))))
  }

  /** Sends a frame on every open socket: text, or binary for a Buffer. */
  push(frame) {
    for (const socket of this.sockets) socket.send(frame)
  }

  /** Closes every open socket with a close frame. */
  closeSockets(code) {
    for (const socket of this.sockets) socket.close(code)
  }

  /** Cuts every open socket, as a lost network does. */
  cutSockets() {
    for (const socket of this.sockets) socket.terminate()
  }

  async stop() {
    this.cutSockets()
    await new Promise((done) => this.#server.close(done))
  }
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
