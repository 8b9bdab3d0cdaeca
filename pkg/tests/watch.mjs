/** Everything that a client says, and a way to wait for it. */
export class Watch {
  constructor(client) {
    this.client = client
    this.messages = []
    this.states = []
    this.problems = []
    this.gaps = []
    this.invalid = []
    client.addEventListener('onwebsocketmessage', (event) => this.messages.push(event.message))
    client.addEventListener('statechange', (event) => this.states.push(event.state))
    client.addEventListener('error', (event) => this.problems.push(event))
    client.addEventListener('gap', (event) => this.gaps.push(event))
    client.addEventListener('invalid', (event) => this.invalid.push(event))
  }

  /** Settles when the client's status is `status`. */
  status(status) {
    return until(() => this.client.state.status === status, `status ${status}`)
  }

  /** Settles when the client's state has this cause. */
  cause(cause) {
    return until(() => this.client.state.cause === cause, `cause ${cause}`)
  }

  /** Settles when so many messages have come. */
  count(messages) {
    return until(() => this.messages.length >= messages, `${messages} messages`)
  }

  /** Settles with the first problem of that code. */
  async problem(code) {
    const find = () => this.problems.find((event) => event.error.code === code)
    await until(find, `problem ${code}`)
    return find()
  }
}

/** Settles as soon as `holds` does: looked at in every turn of the event loop, so no test waits for a time. */
export async function until(holds, what) {
  const late = Date.now() + 20_000
  while (!holds()) {
    if (Date.now() > late) throw new Error(`waited in vain for ${what}`)
    await new Promise((turn) => setTimeout(turn, 1))
  }
}
