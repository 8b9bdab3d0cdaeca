import { defer, retry, switchMap } from 'rxjs'
import { webSocket } from 'rxjs/webSocket'

export function make({ url, token }, say) {
  let socket
  let subscription
  let isOpen = false
  const openObserver = {
    next() {
      isOpen = true
      say('open')
    },
  }
  const closeObserver = {
    next({ code, wasClean }) {
      isOpen = false
      say('close', { code, wasClean })
    },
  }
  const connect = (token) =>
    (socket = webSocket({ url: `${url}?token=${token}`, openObserver, closeObserver }))
  // Without `delay` it would try again and again without a pause.
  const messages = defer(token).pipe(switchMap(connect), retry({ delay: 1_000 }))
  return {
    open() {
      subscription = messages.subscribe({
        next: (message) => say('message', { message }),
        error: () => say('error', { says: 'gave up' }),
      })
    },
    close: () => subscription.unsubscribe(),
    send: (message) => socket.next(message),
    get isOpen() {
      return isOpen
    },
  }
}
