/** The floor: the browser's own socket, made anew when it is closed. */
export function connect(url) {
  const client = {}
  return new Promise((opened) => {
    const open = () => {
      client.socket = new WebSocket(`${url}?token=a-token`)
      client.socket.onopen = () => opened(client)
      client.socket.onclose = () => setTimeout(open, 1)
    }
    open()
  })
}
