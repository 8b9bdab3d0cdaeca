import { WebSocket } from 'partysocket'

export function connect(url) {
  const options = { minReconnectionDelay: 1, maxReconnectionDelay: 1 }
  const client = new WebSocket(async () => `${url}?token=a-token`, [], options)
  return new Promise((opened) => client.addEventListener('open', () => opened(client), { once: true }))
}
