import WSClient, { WEBSOCKET_EVENT } from 'everwire'
import type { FromWorker } from './from-worker'
import { gateway, token } from './session'

const tell = (what: FromWorker) => postMessage(what)
const client = new WSClient({ url: `ws://${gateway}/dev`, token })

client.addEventListener('statechange', ({ state }) => tell({ status: state.status }))
client.addEventListener<{ title: string }>(WEBSOCKET_EVENT, ({ message }) => tell({ title: message.title }))
void client.open()
