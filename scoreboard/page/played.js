/**
 * A client and everything that it says, in order: `events` of the kinds `open`, `close`, `error`, `message` and `gap`,
 * each with the time `at`.
 *
 * `wishes`: `variant`, `tokens` (what becomes of the first token requests: `reject`, `hang`, or milliseconds),
 * `heartbeat` and `life`, which an adapter takes where its client has such options.
 */
export class Played {
  events = []
  outcomes = []
  tokensGiven = 0

  constructor(adapter, { url, token }, { variant, tokens = [], ...wishes } = {}) {
    const left = [...tokens]
    const give = () => {
      this.tokensGiven += 1
      return giveToken(left.shift(), token)
    }
    const say = (kind, what) => this.events.push({ at: performance.now(), kind, ...what })
    this.client = adapter.make({ url, token: give, variant, ...wishes }, say)
  }

  of(kind) {
    return this.events.filter((event) => event.kind === kind)
  }

  messages() {
    return this.of('message').map(({ message }) => message)
  }

  /** Sends, and keeps what the client says has become of it, in words: `undefined` as long as it says nothing. */
  send(message, { isSure = false } = {}) {
    const outcome = { id: message.id, says: undefined, at: undefined }
    this.outcomes.push(outcome)
    const settle = (says) => Object.assign(outcome, { says, at: performance.now() })
    try {
      // Where there is a way to know that a message has arrived, that.
      const { send, sendSurely = send } = this.client
      const sent = (isSure ? sendSurely : send)(message)
      Promise.resolve(sent).then(settle, (error) => settle(`failed: ${wordsOf(error)}`))
    } catch (error) {
      settle(`failed: ${wordsOf(error)}`)
    }
    return outcome
  }

  hears(id) {
    return this.messages().some((message) => message?.action === 'echo' && message.id === id)
  }
}

function giveToken(fate, token) {
  if (fate === 'hang') return new Promise(() => undefined)
  if (fate === 'reject') return Promise.reject(new Error('no token today'))
  return new Promise((resolve) => setTimeout(resolve, fate ?? 0, token))
}

/** A code that reads as a word, or what it says. */
const wordsOf = (error) => (typeof error?.code === 'string' ? error.code : (error?.message ?? String(error)))
