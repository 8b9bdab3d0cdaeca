import { io } from 'socket.io-client'

export function make({ url, token }, say) {
  const auth = (give) =>
    void token().then(
      (token) => give({ token }),
      ({ message }) => say('error', { says: message }),
    )
  // API Gateway has no polling, with which it begins by default.
  const options = { auth, autoConnect: false, transports: ['websocket'] }
  const socket = io(new URL(url).origin, options)
  socket.on('connect', () => say('open'))
  socket.on('disconnect', (reason) => say('close', { code: reason }))
  socket.on('connect_error', ({ message }) => say('error', { says: message }))
  socket.on('message', (message) => say('message', { message }))
  return {
    open: () => void socket.connect(),
    close: () => void socket.disconnect(),
    // What its documentation says to do.
    reconnect: () => void socket.disconnect().connect(),
    send: (message) => void socket.emit('echo', message),
    sendSurely: (message) =>
      socket
        .timeout(5_000)
        .emitWithAck('echo', message)
        .then(() => 'answered'),
    listen: (listener) => socket.on('message', listener),
    get isOpen() {
      return socket.connected
    },
  }
}
