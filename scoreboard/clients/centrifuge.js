import { Centrifuge } from 'centrifuge'

export function make({ url, token, heartbeat }, say) {
  // How often the server sends a ping, the server says.
  const options = { getToken: token, ...(heartbeat && { maxServerPingDelay: heartbeat.timeoutMs }) }
  const client = new Centrifuge(url, options)
  const feed = client.newSubscription('feed')
  feed.on('publication', ({ data }) => say('message', { message: data }))
  feed.subscribe()
  let wasConnected = false
  client.on('connected', () => {
    wasConnected = true
    say('open')
  })
  client.on('error', ({ error }) => say('error', { says: error.message }))
  const closed = ({ code }) => {
    if (wasConnected) say('close', { code })
    wasConnected = false
  }
  client.on('connecting', closed)
  client.on('disconnected', closed)
  return {
    open: () => client.connect(),
    close: () => client.disconnect(),
    // What its documentation says to do.
    reconnect() {
      client.disconnect()
      client.connect()
    },
    async send(message) {
      const { data } = await client.rpc('echo', message)
      say('message', { message: data })
      return 'answered'
    },
    listen: (listener) => feed.on('publication', listener),
    get isOpen() {
      return client.state === 'connected'
    },
  }
}
