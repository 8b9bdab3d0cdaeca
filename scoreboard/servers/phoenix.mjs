/** The least of the protocol of Phoenix's channels, version 2: heartbeats, one channel, and replies that echo. */
export const phoenix = {
  start(server) {
    const write = (socket, ...frame) => socket.send(JSON.stringify(frame))
    const answers = {
      heartbeat: () => ({}),
      phx_join: () => ({}),
      phx_leave: () => ({}),
      echo(message) {
        server.received.push(message)
        return message
      },
    }
    const answer = (socket, [joined, ref, topic, event, payload]) => {
      const reply = { status: 'ok', response: answers[event](payload) }
      if (event === 'phx_join') socket.feed = { joined, topic }
      write(socket, joined, ref, topic, 'phx_reply', reply)
    }
    return {
      accept: (socket) => socket.on('message', (data) => answer(socket, JSON.parse(String(data)))),
      push(message) {
        for (const socket of server.sockets) {
          if (socket.feed) write(socket, socket.feed.joined, null, socket.feed.topic, 'message', message)
        }
      },
    }
  },
}
