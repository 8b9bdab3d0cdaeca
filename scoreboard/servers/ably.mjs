const ACTIONS = {
  heartbeat: 0,
  ack: 1,
  connected: 4,
  close: 7,
  closed: 8,
  attach: 10,
  attached: 11,
  message: 15,
}

/**
 * The least of Ably's realtime protocol as JSON: heartbeats, one channel without history, and messages, which are
 * acknowledged and echoed.
 */
export const ably = {
  start(server) {
    let count = 0
    const write = (socket, action, more) =>
      socket.send(JSON.stringify({ action: ACTIONS[action], connectionId: 'a-connection', ...more }))
    const publish = (socket, data) => {
      count += 1
      const messages = [{ name: 'message', data: JSON.stringify(data), encoding: 'json' }]
      const times = { id: `message-${count}`, channelSerial: `serial-${count}`, timestamp: Date.now() }
      write(socket, 'message', { channel: 'feed', ...times, messages })
    }
    const answers = {
      [ACTIONS.heartbeat]: (socket, { id }) => write(socket, 'heartbeat', { id }),
      [ACTIONS.close]: (socket) => write(socket, 'closed'),
      [ACTIONS.attach](socket, { channel }) {
        socket.isAttached = true
        write(socket, 'attached', { channel, channelSerial: `serial-${count}`, flags: 0 })
      },
      [ACTIONS.message](socket, { msgSerial, messages }) {
        write(socket, 'ack', { msgSerial, count: 1 })
        for (const { data } of messages) {
          server.received.push(JSON.parse(data))
          publish(socket, JSON.parse(data))
        }
      },
    }
    return {
      accept(socket) {
        const { everyMs } = server.heartbeat
        socket.on('message', (data) => {
          const message = JSON.parse(String(data))
          answers[message.action]?.(socket, message)
        })
        const connectionDetails = {
          connectionKey: 'a-key',
          connectionStateTtl: 120_000,
          maxIdleInterval: everyMs,
          maxMessageSize: server.maxBytes,
        }
        write(socket, 'connected', { connectionDetails })
        const beat = setInterval(() => write(socket, 'heartbeat'), everyMs)
        socket.on('close', () => clearInterval(beat))
      },
      push(message) {
        for (const socket of server.sockets) if (socket.isAttached) publish(socket, message)
      },
    }
  },
}
