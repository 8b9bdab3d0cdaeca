/** For clients that have the browser's own interface, and `reconnect()`: partysocket, reconnecting-websocket. */
export function standardSocket(Socket, { url, token }, say) {
  const socket = new Socket(async () => `${url}?token=${await token()}`, [], { startClosed: true })
  socket.addEventListener('open', () => say('open'))
  socket.addEventListener('close', ({ code, wasClean }) => say('close', { code, wasClean }))
  socket.addEventListener('error', ({ message }) => say('error', { says: message }))
  socket.addEventListener('message', ({ data }) => say('message', { message: JSON.parse(data) }))
  return {
    open: () => socket.reconnect(),
    close: () => socket.close(),
    reconnect: () => socket.reconnect(),
    send: (message) => socket.send(JSON.stringify(message)),
    listen: (listener) => socket.addEventListener('message', listener),
    get isOpen() {
      return socket.readyState === 1
    },
  }
}
