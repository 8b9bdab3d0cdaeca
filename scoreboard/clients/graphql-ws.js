import { createClient } from 'graphql-ws'

const FEED = 'subscription { feed }'
const ECHO = 'mutation Echo($text: String!) { echo(text: $text) }'

export function make({ url, token, variant, heartbeat }, say) {
  let isOpen = false
  let end
  const on = {
    connected() {
      isOpen = true
      say('open')
    },
    closed({ code, wasClean }) {
      isOpen = false
      say('close', { code, wasClean })
    },
    error: (error) => say('error', { says: error?.message ?? 'error' }),
  }
  const connectionParams = async () => ({ token: await token() })
  const options = { url, connectionParams, on }
  const client = variant === 'documented' ? withRecipes(options, heartbeat) : createClient(options)
  /** One operation; settles with its first answer, or when it is over. */
  const run = (query, variables, next) =>
    new Promise((resolve, reject) => {
      const sink = { next, error: reject, complete: () => resolve('answered') }
      end = variables ? end : client.subscribe({ query }, sink)
      if (variables) client.subscribe({ query, variables }, sink)
    })
  return {
    open() {
      const heard = ({ data }) => say('message', { message: JSON.parse(data.feed) })
      run(FEED, undefined, heard).catch(() => say('error', { says: 'gave up' }))
    },
    close: () => end(),
    send: (message) =>
      run(ECHO, { text: JSON.stringify(message) }, ({ data }) =>
        say('message', { message: JSON.parse(data.echo) }),
      ),
    listen: (listener) =>
      client.subscribe(
        { query: FEED },
        { next: listener, error: () => undefined, complete: () => undefined },
      ),
    get isOpen() {
      return isOpen
    },
  }
}

/** "Retry on any connection problem" and "abrupt termination on pong timeout", of its website. */
function withRecipes(options, heartbeat = { everyMs: 10_000, timeoutMs: 5_000 }) {
  let timer
  const on = {
    ...options.on,
    ping(isReceived) {
      if (!isReceived) timer = setTimeout(() => client.terminate(), heartbeat.timeoutMs)
    },
    pong(isReceived) {
      if (isReceived) clearTimeout(timer)
    },
  }
  const more = { keepAlive: heartbeat.everyMs, shouldRetry: () => true, retryAttempts: Infinity }
  const client = createClient({ ...options, ...more, on })
  return client
}
