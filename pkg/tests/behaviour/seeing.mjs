import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { until } from '../watch.mjs'
import { jwt, raise, uncaughtIn, useServer } from './setting.mjs'

export function describeSeeing() {
  describe('seeing what it does', () => {
    const { server, make, open } = useServer()

    it('explains nothing before there is anything to explain', () => {
      assert.equal(make().client.explain(), undefined)
    })

    it('explains each transition with its cause and its time', async () => {
      const since = Date.now()
      const { client, watch } = await open()
      server.closeSockets(1012)
      await watch.status('waiting')
      const { state, transitions } = client.explain()
      assert.equal(state, client.state)
      assert.deepEqual(
        transitions.map(({ from, to, cause }) => [from, to, cause]),
        [
          ['closed', 'fetching-token', 'open-called'],
          ['fetching-token', 'connecting', 'token-ready'],
          ['connecting', 'open', 'socket-opened'],
          ['open', 'waiting', 'socket-closed'],
        ],
      )
      assert.equal(transitions[3].why, 'the server restarts')
      for (const { at } of transitions) assert.ok(at >= since && at <= Date.now())
    })

    it('counts', async () => {
      const { client, watch } = await open({ heartbeatMs: 3_600_000 })
      await until(() => client.explain().counters.rttMs !== undefined, 'a round trip')
      await client.send('ä')
      server.push('"ä"')
      await watch.count(1)
      server.cutSockets()
      await watch.status('waiting')
      void client.send('waits')
      const { rttMs, ...counters } = client.explain().counters
      assert.ok(rttMs >= 0 && rttMs < 10_000, `${rttMs} ms`)
      const answer = JSON.stringify({ action: 'pong', id: server.heartbeats[0].id })
      assert.deepEqual(counters, {
        attempts: 1,
        drops: 1,
        handOvers: 0,
        messagesSent: 1,
        bytesSent: 4,
        framesReceived: 2,
        charactersReceived: answer.length + 3,
        duplicates: 0,
        queued: 1,
        bufferedAmount: 0,
      })
    })

    it('tells of each message that goes out, as it was given, and what becomes of it', async () => {
      const { client, watch } = make()
      const outgoing = []
      client.addEventListener('outgoing', ({ message, sent }) => outgoing.push({ message, sent }))
      const message = { action: 'markRead', id: 7 }
      void client.send(message)
      void client.open()
      const sending = client.send(message)
      assert.equal(outgoing[1].message, message)
      assert.equal(outgoing[1].sent, sending)
      assert.equal(sending.state, 'queued')
      await sending
      assert.deepEqual(
        outgoing.map(({ sent }) => sent.state),
        ['dropped', 'handed-over'],
      )
      assert.equal(watch.problems[0].error.code, 'closed')
      await assert.rejects(outgoing[0].sent, { code: 'closed' })
    })

    it('tells of a request without the id that it gets, and that it was answered', async () => {
      const { client } = await open()
      const outgoing = []
      client.addEventListener('outgoing', ({ message, sent }) => outgoing.push({ message, sent }))
      server.onMessage = ({ id, answers }, socket) => answers && socket.send(JSON.stringify({ id }))
      await client.request({ answers: true })
      const unanswered = client.request({ answers: false }, { timeoutMs: 20 })
      await assert.rejects(unanswered, { code: 'outcome-unknown' })
      assert.deepEqual(
        outgoing.map(({ message, sent }) => [message, sent.state]),
        [
          [{ answers: true }, 'acknowledged'],
          [{ answers: false }, 'unknown'],
        ],
      )
    })

    it('tells of no heartbeat and no greeting as of a message that goes out', async () => {
      const outgoing = []
      const { client } = make({ heartbeatMs: 3_600_000, hello: { action: 'hello' } })
      client.addEventListener('outgoing', (event) => outgoing.push(event.message))
      await client.open()
      await until(() => server.heartbeats.length > 0, 'a heartbeat')
      await client.send('mine')
      await until(() => server.received.length === 2, 'the greeting and the message')
      assert.deepEqual(outgoing, ['mine'])
    })

    it('remembers the last transitions only', async () => {
      const { client } = await open()
      for (let i = 0; i < 60; i += 1) {
        client.reconnect()
        await client.open()
      }
      await until(() => client.isConnected, 'open')
      const { transitions } = client.explain()
      assert.equal(transitions.length, 50)
      assert.equal(transitions.at(-1).to, 'open')
    })

    it('can be read by a person', async () => {
      const { client, watch } = await open({ firstRetryMs: 60_000, maxRetryMs: 60_000 })
      server.cutSockets()
      await watch.status('waiting')
      const [first, ...lines] = String(client.explain()).split('\n')
      assert.match(first, /^waiting: the connection broke, next attempt at \d{4}-\d\d-\d\dT/)
      assert.equal(lines.length, 5)
      assert.match(lines[0], /closed → fetching-token: open\(\) was called/)
      assert.match(lines[4], /"drops":1/)
    })

    it('is logged, with levels', async () => {
      const entries = []
      const { watch } = await open({ log: (entry) => entries.push(entry) })
      server.push('not JSON')
      const { error } = await watch.problem('not-json')
      assert.deepEqual(
        entries.map(({ level, about }) => [level, about.cause ?? about.code]),
        [
          ['info', 'open-called'],
          ['info', 'token-ready'],
          ['info', 'socket-opened'],
          ['warn', 'not-json'],
        ],
      )
      for (const { text, about } of entries) assert.equal(text, about.why ?? about.message)
      assert.equal(entries[2].about.to, 'open')
      assert.equal(entries[3].about, error)
    })

    it('holds no token, no URL and no message', async () => {
      const secret = jwt(Date.now() + 1000)
      const entries = []
      const { client, watch } = await open({
        token: ({ refresh }) => (refresh ? raise(new Error(`bad ${secret}`)) : secret),
        log: (entry) => entries.push(entry),
        url: `${server.url}?key=hidden`,
        rotateBeforeExpiryMs: 1,
      })
      await client.send('confidential')
      server.push('"confidential"')
      server.push('confidential')
      await watch.problem('not-json')
      server.refusal = 403
      server.cutSockets()
      await watch.problem('token-failed')
      const shown = [entries, client.explain(), String(client.explain()), client.state]
      const errors = entries.map(({ about }) => [about.message, about.stack])
      const text = JSON.stringify([shown, errors])
      assert.match(text, /token-failed|handshake/)
      for (const part of [...secret.split('.').slice(1), 'hidden', 'confidential', String(server.port)]) {
        assert.ok(!text.includes(part), part)
      }
    })

    it('goes on where the log throws', async () => {
      const thrown = await uncaughtIn(async (sofar) => {
        const { client } = await open({ log: () => raise(new Error('full disk')) })
        await client.send(1)
        client.close()
        await until(() => server.received.length === 1 && sofar.length === 4, 'the message and the errors')
      })
      assert.match(thrown[0].message, /full disk/)
    })
  })
}
