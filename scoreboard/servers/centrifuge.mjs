/**
 * The least of Centrifugo's JSON protocol: connect, ping, one channel with its history, and rpc, which echoes. A client
 * that comes back and says where it was gets what it missed.
 */
export const centrifuge = {
  start(server) {
    const history = []
    const subscribers = new Set()
    const write = (socket, reply) => socket.send(JSON.stringify(reply))
    const answers = {
      connect: () => ({
        client: 'a-client',
        version: 'scoreboard',
        ping: Math.round(server.heartbeat.everyMs / 1000),
        pong: true,
      }),
      subscribe: ({ recover, offset = 0 }) => ({
        recoverable: true,
        positioned: true,
        epoch: 'one',
        offset: history.length,
        ...(recover && { was_recovering: true, recovered: true, publications: history.slice(offset) }),
      }),
      rpc({ data }) {
        server.received.push(data)
        return { data }
      },
      unsubscribe: () => ({}),
    }
    const answer = (socket, command) => {
      const name = Object.keys(answers).find((name) => command[name])
      // An empty command is a pong.
      if (!name) return
      write(socket, { id: command.id, [name]: answers[name](command[name]) })
      if (name === 'subscribe') subscribers.add(socket)
    }
    return {
      accept(socket) {
        socket.on('message', (data) => {
          for (const line of String(data).split('\n')) answer(socket, JSON.parse(line))
        })
        const ping = setInterval(() => write(socket, {}), server.heartbeat.everyMs)
        socket.on('close', () => {
          clearInterval(ping)
          subscribers.delete(socket)
        })
      },
      push(data) {
        const pub = { offset: history.length + 1, data }
        history.push(pub)
        for (const socket of subscribers) write(socket, { push: { channel: 'feed', pub } })
      },
    }
  },
}
