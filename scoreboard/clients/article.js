const MESSAGE = 'onwebsocketmessage'

class WSEvent extends Event {
  constructor(message) {
    super(MESSAGE)
    this.message = message
  }
}

/**
 * The client that Everwire began with, in our words: one socket with a fresh token in its URL, an `isConnected`, and a
 * wait before each reconnect that doubles until a socket opens. What the article leaves out is written in its favour:
 * `close()` and `reconnect()` let go of the old socket's handlers.
 */
class ArticleClient extends EventTarget {
  ws
  isConnected = false
  reconnectTime = 1
  #url
  #token

  constructor({ url, token }) {
    super()
    this.#url = url
    this.#token = token
  }

  async open() {
    if (this.ws && this.ws.readyState <= WebSocket.OPEN) return
    this.ws = undefined
    const url = new URL(this.#url)
    const token = await this.#token()
    if (token) url.searchParams.set('token', token)
    if (this.ws) return
    this.ws = new WebSocket(String(url))
    this.ws.onopen = () => this.#opened()
    this.ws.onclose = () => this.#closed()
    this.ws.onmessage = ({ data }) => this.#received(data)
  }

  close() {
    if (!this.ws) return
    this.ws.onclose = null
    this.ws.close()
    this.ws = undefined
    this.isConnected = false
  }

  reconnect() {
    this.close()
    return this.open()
  }

  #opened() {
    this.isConnected = true
    this.reconnectTime = 1
  }

  #closed() {
    this.isConnected = false
    setTimeout(() => {
      this.reconnectTime *= 2
      void this.reconnect()
    }, this.reconnectTime * 1000)
  }

  #received(data) {
    this.dispatchEvent(new WSEvent(JSON.parse(data)))
  }
}

export function make(place, say) {
  const client = new ArticleClient(place)
  client.addEventListener(MESSAGE, ({ message }) => say('message', { message }))
  return {
    open: () => void client.open().catch(() => say('error', { says: 'open() rejects' })),
    close: () => client.close(),
    reconnect: () => void client.reconnect(),
    // It has none of its own; its socket is public.
    send: (message) => client.ws.send(JSON.stringify(message)),
    listen: (listener) => client.addEventListener(MESSAGE, listener),
    get isOpen() {
      return client.isConnected
    },
  }
}
