/** What any client does at least, and nothing else: the socket's event, and JSON. */
export function make({ url }, say) {
  let socket
  return {
    open() {
      socket = new WebSocket(url)
      socket.onmessage = ({ data }) => say('message', { message: JSON.parse(data) })
    },
    get isOpen() {
      return socket?.readyState === 1
    },
  }
}
