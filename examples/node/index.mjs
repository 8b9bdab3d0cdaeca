// Prints each state and each notification.
import WSClient, { WEBSOCKET_EVENT } from 'everwire'
import WebSocket from 'ws'
import { gateway, token } from './session.mjs'

const client = new WSClient({ url: `ws://${gateway}/dev`, token, WebSocket })
client.addEventListener('statechange', ({ state }) => console.log('state:', state.status))
client.addEventListener(WEBSOCKET_EVENT, ({ message }) => console.log('notification:', message.title))
await client.open()
