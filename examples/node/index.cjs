// As index.mjs, in CommonJS.
const { default: WSClient, WEBSOCKET_EVENT } = require('everwire')
const WebSocket = require('ws')
const session = import('./session.mjs')

void session.then(({ gateway, token }) => {
  const client = new WSClient({ url: `ws://${gateway}/dev`, token, WebSocket })
  client.addEventListener('statechange', ({ state }) => console.log('state:', state.status))
  client.addEventListener(WEBSOCKET_EVENT, ({ message }) => console.log('notification:', message.title))
  return client.open()
})
