import { buildSchema } from 'graphql'
import { handleProtocols } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'

const schema = buildSchema(`
  type Query { ok: Boolean }
  type Mutation { echo(text: String!): String! }
  type Subscription { feed: String! }
`)

/** GraphQL over WebSocket, by graphql-ws's own server. */
export const graphql = {
  handleProtocols,
  start(server, webSocketServer) {
    const feeds = new Set()
    const echo = ({ text }) => {
      server.received.push(JSON.parse(text))
      return text
    }
    const roots = { mutation: { echo }, subscription: { feed: () => feedOf(feeds) } }
    // Without pings of its own: nobody asks the clients for any here.
    useServer({ schema, roots }, webSocketServer, 0)
    return {
      push(message) {
        for (const feed of feeds) feed(JSON.stringify(message))
      },
    }
  },
}

/** What is pushed while somebody listens. */
function feedOf(feeds) {
  const waiting = []
  let wake = () => undefined
  let isOver = false
  const feed = (text) => {
    waiting.push(text)
    wake()
  }
  feeds.add(feed)
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      while (waiting.length === 0 && !isOver) await new Promise((resolve) => (wake = resolve))
      return isOver ? { done: true } : { done: false, value: { feed: waiting.shift() } }
    },
    async return() {
      isOver = true
      feeds.delete(feed)
      wake()
      return { done: true }
    },
  }
}
