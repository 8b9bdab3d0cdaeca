import { Centrifuge } from 'centrifuge'

export function connect(url) {
  const client = new Centrifuge(url, { token: 'a-token', minReconnectDelay: 1, maxReconnectDelay: 1 })
  client.connect()
  return new Promise((opened) => client.once('connected', () => opened(client)))
}
