import WSClient, { WEBSOCKET_EVENT } from 'everwire'

let lastNumber = 0

/**
 * A client, and everything that it says, in order: `events` have a number `n` that counts through all clients of the
 * page. `sends` and `opens` are what became of each promise: `pending`, `done`, or the code of its error.
 */
export class Recorded {
  events = []
  sends = []
  opens = []

  constructor(options) {
    this.client = new WSClient({ WebSocket: window.instruments.sockets.Tracked, ...options })
    this.client.addEventListener('statechange', ({ state }) => this.#note('state', pick(state)))
    this.client.addEventListener('error', ({ error, data }) =>
      this.#note('error', { code: error.code, data }),
    )
    this.client.addEventListener('gap', ({ ms, lost }) => this.#note('gap', { ms, cause: lost.cause }))
    this.client.addEventListener(WEBSOCKET_EVENT, ({ message }) => this.#note('message', { message }))
  }

  #note(kind, what) {
    this.events.push({ n: ++lastNumber, kind, ...what })
  }

  /** Calls the client's `open()`. */
  open() {
    return follow(this.client.open(), this.opens, {})
  }

  /** Calls the client's `send()`. */
  send(message) {
    return follow(this.client.send(message), this.sends, { id: message?.id })
  }

  /** Asks the gateway for an echo; settles with it. */
  echo(id) {
    void this.send({ action: 'echo', id })
    return window.chaos.until(() => this.echoes().includes(id), `the echo ${id}`)
  }

  /** The ids of all echoes that came. */
  echoes() {
    const messages = this.messages()
    return messages.filter((message) => message?.action === 'echo').map(({ id }) => id)
  }

  messages() {
    return this.#of('message').map(({ message }) => message)
  }

  /** The codes of all errors. */
  errors() {
    return this.#of('error').map(({ code }) => code)
  }

  gaps() {
    return this.#of('gap')
  }

  states() {
    return this.#of('state')
  }

  statuses() {
    return this.states().map(({ status }) => status)
  }

  #of(kind) {
    return this.events.filter((event) => event.kind === kind)
  }

  /** Settles when the client's status is this. */
  status(status) {
    return window.chaos.until(() => this.client.state.status === status, `status ${status}`)
  }

  /** Settles when so many errors of this code have come. */
  error(code, count = 1) {
    const come = () => this.errors().filter((one) => one === code).length >= count
    return window.chaos.until(come, `${count} errors ${code}`)
  }
}

const pick = ({ status, cause, closeCode, attempt }) => ({ status, cause, closeCode, attempt })

function follow(promise, all, what) {
  const one = { ...what, outcome: 'pending' }
  all.push(one)
  promise.then(
    () => (one.outcome = 'done'),
    (error) => (one.outcome = error.code ?? String(error)),
  )
  return promise
}
