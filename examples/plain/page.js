import WSClient, { WEBSOCKET_EVENT } from 'everwire'
import { gateway, token } from './session.js'

const client = new WSClient({ url: `ws://${gateway}/dev`, token })
const output = document.querySelector('output')
const list = document.querySelector('ul')

client.addEventListener('statechange', ({ state }) => {
  output.textContent = state.status
})
client.addEventListener(WEBSOCKET_EVENT, ({ message }) => {
  const item = document.createElement('li')
  item.textContent = message.title
  list.append(item)
})
void client.open()
