/** JSON messages, as an app's own backend has them; heartbeats as PROTOCOL.md and react-use-websocket have them. */
export const plain = {
  start(server) {
    let pushed = 0
    const answer = (socket, text) => {
      if (text === 'ping') return socket.send('"pong"')
      const message = JSON.parse(text)
      if (message.action === 'ping') return socket.send(JSON.stringify({ action: 'pong', id: message.id }))
      server.received.push(message)
      socket.send(text)
    }
    return {
      accept: (socket) => socket.on('message', (data) => answer(socket, String(data))),
      push(message) {
        pushed += 1
        // With an id, so that a client which has two sockets for a moment can tell; see PROTOCOL.md.
        server.pushRaw(JSON.stringify({ ...message, everwire: { id: `push-${pushed}` } }))
      },
    }
  },
}
