import WSClient, { WEBSOCKET_EVENT } from 'everwire'
import useWebSocketClient from 'everwire/react'

export function make({ url, token, heartbeat, life }, say) {
  const client = new WSClient({
    url,
    token,
    ...(heartbeat && { heartbeatMs: heartbeat.everyMs, heartbeatTimeoutMs: heartbeat.timeoutMs }),
    ...(life && { maxLifeMs: life.ms, rotateEarlyMs: life.earlyMs, drainMs: life.drainMs }),
  })
  client.addEventListener(WEBSOCKET_EVENT, ({ message }) => say('message', { message }))
  client.addEventListener('gap', ({ ms }) => say('gap', { ms }))
  client.addEventListener('error', ({ error }) => say('error', { says: error.code }))
  client.addEventListener('statechange', ({ state, previous }) => {
    if (state.status === previous.status) return
    if (state.status === 'open') say('open')
    if (previous.status === 'open') say('close', { code: state.closeCode })
  })
  return {
    open: () => void client.open(),
    close: () => client.close(),
    reconnect: () => client.reconnect(),
    send: (message) => client.send(message),
    // The protocol's own id takes the place of the scenario's.
    sendSurely: ({ id: _, ...message }) => client.send(message, { acknowledge: true }),
    listen: (listener) => client.addEventListener(WEBSOCKET_EVENT, listener),
    get isOpen() {
      return client.isConnected
    },
  }
}

export function Component({ url, token }) {
  useWebSocketClient({ url, token })
  return null
}
