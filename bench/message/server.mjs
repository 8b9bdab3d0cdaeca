import { once } from 'node:events'
import { WebSocketServer } from 'ws'
import { textsOf } from './texts.js'

/** A server that sends as many messages as it is asked for, as fast as it can: `{ url, stop() }`. */
export async function startServer() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { action, bytes, count, id } = JSON.parse(data)
      // A heartbeat; see PROTOCOL.md.
      if (action === 'ping') socket.send(JSON.stringify({ action: 'pong', id }))
      if (action === 'flood') flood(socket, textsOf(bytes), count)
    })
  })
  await once(server, 'listening')
  const stop = () => {
    for (const socket of server.clients) socket.terminate()
    return new Promise((done) => server.close(done))
  }
  return { url: `ws://127.0.0.1:${server.address().port}`, stop }
}

function flood(socket, text, count) {
  for (let n = 0; n < count; n += 1) socket.send(text(n))
}
