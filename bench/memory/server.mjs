import { once } from 'node:events'
import { WebSocketServer } from 'ws'

/** What a gateway says when a connection has been open for as long as it may. */
const GOING_AWAY = 1001

/** A server that clients of all kinds connect to, and that can send one of them away again and again. */
export class Server {
  #server
  #clientSpeaksFirst
  #left = 0
  #done

  /** @param clientSpeaksFirst whether a client counts as connected when its first message has been answered */
  static async start({ clientSpeaksFirst = false } = {}) {
    const server = new Server()
    server.#clientSpeaksFirst = clientSpeaksFirst
    server.#server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    server.#server.on('connection', (socket) => server.#accept(socket))
    await once(server.#server, 'listening')
    server.url = `ws://127.0.0.1:${server.#server.address().port}/`
    return server
  }

  #accept(socket) {
    socket.on('message', (data) => {
      this.#answer(socket, JSON.parse(String(data)))
      this.#connected(socket)
    })
    if (this.#clientSpeaksFirst) return
    // So that every connection has had a message.
    socket.send('{"action":"welcome"}')
    this.#connected(socket)
  }

  #connected(socket) {
    if (this.#left === 0) return
    this.#left -= 1
    if (this.#left > 0) socket.close(GOING_AWAY)
    else this.#done()
  }

  /** The least of Centrifugo's protocol: a client is connected when its first command is answered. */
  #answer(socket, { id, connect }) {
    if (connect) socket.send(JSON.stringify({ id, connect: { client: 'a-client', version: '' } }))
  }

  /** Closes the sockets that are open, and each that comes in their place. Settles when so many have come. */
  sendAway(times) {
    this.#left = times
    for (const socket of this.#server.clients) socket.close(GOING_AWAY)
    return new Promise((done) => (this.#done = done))
  }

  async stop() {
    for (const socket of this.#server.clients) socket.terminate()
    await new Promise((done) => this.#server.close(done))
  }
}
