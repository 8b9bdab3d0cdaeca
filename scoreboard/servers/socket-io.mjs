import { EventEmitter } from 'node:events'
import { Server } from 'socket.io'

/** socket.io's own server. */
export const socketIo = {
  attach(http, { maxPayload }) {
    const options = { transports: ['websocket'], maxHttpBufferSize: maxPayload, serveClient: false }
    const io = new Server(http, options)
    const sockets = Object.assign(new EventEmitter(), { io })
    io.engine.on('connection', ({ transport }) => sockets.emit('connection', transport.socket))
    return sockets
  },
  start(server, { io }) {
    io.engine.use((request, response, next) => {
      const { everyMs, timeoutMs } = server.heartbeat
      Object.assign(io.engine.opts, { pingInterval: everyMs, pingTimeout: timeoutMs })
      next()
    })
    io.on('connection', (socket) => {
      socket.on('echo', (message, acknowledge) => {
        server.received.push(message)
        socket.emit('message', message)
        acknowledge?.()
      })
    })
    return {
      push(message) {
        // One by one: what `io.emit()` sends to all goes past the sockets' `send()`, where frames are counted.
        for (const socket of io.sockets.sockets.values()) socket.emit('message', message)
      },
    }
  },
}
