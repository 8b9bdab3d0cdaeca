import { Realtime } from 'ably'

export function make({ url, token, heartbeat }, say) {
  const { hostname, port } = new URL(url)
  const client = new Realtime({
    authCallback: (_, give) => void token().then((token) => give(null, token), give),
    autoConnect: false,
    endpoint: hostname,
    port: Number(port),
    tls: false,
    useBinaryProtocol: false,
    // Its own server in the internet, whom it asks whether there is an internet.
    disableConnectivityCheck: true,
    ...(heartbeat && { realtimeRequestTimeout: heartbeat.timeoutMs }),
  })
  const feed = client.channels.get('feed')
  feed.subscribe(({ data }) => say('message', { message: data })).catch(() => undefined)
  client.connection.on('connected', () => say('open'))
  client.connection.on(({ previous, current, reason }) => {
    if (previous === 'connected') say('close', { code: reason?.code })
    else if (reason) say('error', { says: `${current}: ${reason.code}` })
  })
  return {
    open() {
      client.connect()
      // `close()` detaches its channels.
      feed.attach().catch(() => undefined)
    },
    close: () => client.close(),
    // What its documentation says to do.
    reconnect: () => client.connect(),
    send: (message) => feed.publish('message', message).then(() => 'answered'),
    listen: (listener) => void feed.subscribe(listener).catch(() => undefined),
    get isOpen() {
      return client.connection.state === 'connected'
    },
  }
}
