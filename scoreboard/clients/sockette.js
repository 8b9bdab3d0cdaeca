import sockette from 'sockette'

export function make({ url, token }, say) {
  let socket
  let isOpen = false
  const options = {
    onopen() {
      isOpen = true
      say('open')
    },
    onclose({ code, wasClean }) {
      if (isOpen) say('close', { code, wasClean })
      isOpen = false
    },
    onerror: () => say('error', { says: 'error' }),
    onmessage: ({ data }) => say('message', { message: JSON.parse(data) }),
  }
  return {
    // Its URL is fixed, so the app has to have the token before.
    open: async () => (socket = sockette(`${url}?token=${await token()}`, options)),
    close: () => socket.close(),
    reconnect: () => socket.reconnect(),
    send: (message) => socket.json(message),
    get isOpen() {
      return isOpen
    },
  }
}
