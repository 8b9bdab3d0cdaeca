import { Socket } from 'phoenix'

export function make({ url, token, heartbeat }, say) {
  let params = {}
  const socket = new Socket(url, {
    params: () => params,
    ...(heartbeat && { heartbeatIntervalMs: heartbeat.everyMs }),
  })
  const channel = socket.channel('feed')
  socket.onClose(({ code, wasClean }) => say('close', { code, wasClean }))
  socket.onError(() => say('error', { says: 'error' }))
  channel.on('message', (message) => say('message', { message }))
  const push = (message) =>
    new Promise((resolve, reject) => {
      const heard = (answer) => {
        say('message', { message: answer })
        resolve('answered')
      }
      channel
        .push('echo', message)
        .receive('ok', heard)
        .receive('error', () => reject(new Error('error')))
        .receive('timeout', () => reject(new Error('timeout')))
    })
  return {
    async open() {
      // Its parameters are asked for without waiting, so the app has to have the token before.
      params = { token: await token() }
      socket.connect()
      if (channel.state === 'closed') channel.join().receive('ok', () => say('open'))
    },
    close: () => socket.disconnect(),
    // What its documentation says to do.
    reconnect: () => socket.disconnect(() => socket.connect()),
    send: push,
    listen: (listener) => channel.on('message', listener),
    get isOpen() {
      return socket.isConnected() && channel.state === 'joined'
    },
  }
}
