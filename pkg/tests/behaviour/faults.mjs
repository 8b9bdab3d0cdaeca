import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gatewayFrame } from '../server.mjs'
import { FakePage } from '../page.mjs'
import { until } from '../watch.mjs'
import { raise, useServer } from './setting.mjs'

const FAULTS = 500

export function describeFaults() {
  describe(`after ${FAULTS} faults in a row`, () => {
    const { server, make } = useServer({
      ...{ firstRetryMs: 2, maxRetryMs: 20, hiddenMaxRetryMs: 20, authRetryMs: 30, stableAfterMs: 10 },
      ...{ heartbeatMs: 15, hiddenHeartbeatMs: 15, heartbeatTimeoutMs: 15 },
      ...{ handshakeTimeoutMs: 100, tokenTimeoutMs: 20, drainMs: 10, maxQueuedMessages: 20 },
    })

    it('is connected, has settled every promise, sent nothing twice and left nothing behind', async (t) => {
      const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
      t.diagnostic(`SEED=${seed}`)
      const random = from(seed)
      const page = new FakePage()
      page.enter()
      try {
        await survive(random, page)
      } finally {
        page.leave()
      }
    })

    async function survive(random, page) {
      const timers = () => process.getActiveResourcesInfo().filter((it) => it === 'Timeout').length
      const before = timers()
      const oneIn = (n) => random(n) === 0
      let isCalm = false
      const fails = (n) => !isCalm && oneIn(n)

      const validate = (value) => {
        if (fails(4)) return { issues: [] }
        return oneIn(3) ? new Promise((done) => setTimeout(() => done({ value }), 1)) : { value }
      }
      const { client, watch } = make({
        token: () =>
          fails(10) ? new Promise(() => undefined) : fails(10) ? raise(new Error()) : `t${random(3)}`,
        hello: () => (fails(20) ? raise(new Error()) : 'hello'),
        schema: { '~standard': { version: 1, vendor: 'test', validate } },
      })
      let opened = 0
      client.addEventListener('statechange', ({ state, previous }) => {
        if (previous.status === 'closed' && state.status !== 'closed') opened += 1
        if (fails(40)) {
          client.close()
          track(client.open())
        }
      })
      client.addEventListener('onwebsocketmessage', () => {
        assert.notEqual(client.state.cause, 'close-called', 'no message after close')
        if (!fails(15)) return
        if (oneIn(2)) client.close()
        else client.reconnect()
      })
      server.onMessage = ({ id }, socket) => {
        if (id && !fails(4)) socket.send(JSON.stringify({ id }))
      }

      let unsettled = 0
      const track = (promise) => {
        unsettled += 1
        const settled = () => (unsettled -= 1)
        promise.then(settled, settled)
        return promise
      }
      let n = 0
      const acknowledged = []
      async function send(options) {
        const message = { n: ++n }
        const state = await track(client.send(message, options)).catch(() => 'dropped')
        if (state === 'acknowledged') acknowledged.push(message.n)
      }
      async function take() {
        const options = {
          limit: 2,
          overflow: oneIn(2) ? 'error' : 'drop-oldest',
          signal: AbortSignal.timeout(30),
        }
        for await (const _ of client.messages(options)) if (oneIn(2)) break
      }

      const frames = [
        '1',
        'not JSON',
        '',
        '{"everwire":{"id":"a"}}',
        '{"everwire":{"retryAfterMs":1}}',
        gatewayFrame('No'),
      ]
      const faults = [
        () => client.close(),
        () => client.reconnect(),
        () => track(client.rotate()),
        () => track(client.drained({ signal: AbortSignal.timeout(50) })),
        () => track(take()),
        () => void send(),
        () => void send({ acknowledge: true, key: `k${random(3)}`, timeoutMs: oneIn(2) ? 20 : undefined }),
        () => void send({ acknowledge: true, signal: AbortSignal.timeout(random(20)) }),
        () => track(client.request({}, { timeoutMs: 1 + random(40) })),
        () => server.cutSockets(),
        () =>
          server.closeSockets(
            [1000, 1001, 1009, 1013, 4403][random(5)],
            oneIn(2) ? '{"retryAfterMs":3}' : '',
          ),
        () => server.freezeSockets(),
        () => (server.refusal = oneIn(3) ? 403 : 0),
        () => (server.answers = !oneIn(3)),
        () => server.push(frames[random(frames.length)]),
        () => server.push(Buffer.from([1])),
        () => page.goOffline(),
        () => page.goOnline(),
        () => page.hide(),
        () => page.show(),
        () => page.freezeAndResume(),
        () => (oneIn(2) ? page.store() : page.restore()),
      ]
      for (let i = 0; i < FAULTS; i += 1) {
        track(client.open())
        faults[random(faults.length)]()
        if (oneIn(3)) await new Promise((turn) => setTimeout(turn, random(6)))
      }

      isCalm = true
      Object.assign(server, { refusal: 0, answers: true })
      page.restore()
      page.goOnline()
      await client.open()
      await until(() => client.state.cause === 'stable' && client.explain().counters.queued === 0, 'calm')
      const live = () => [...server.sockets].filter((socket) => !socket.isPaused)
      await until(() => live().length === 1, 'one socket')
      client.close()
      await until(() => unsettled === 0, 'every promise to settle')
      await until(() => live().length === 0, 'no socket')
      // The package ws waits for the close of a half-open socket, by a timer of its own.
      server.cutSockets()
      await until(() => timers() <= before, 'no timer')
      assert.deepEqual([...page.listeners], [])
      assert.equal(watch.states.filter(({ status }) => status === 'closed').length, opened)
      const arrived = server.received.map((message) => message.n).filter(Boolean)
      assert.equal(new Set(arrived).size, arrived.length, 'nothing was sent twice')
      for (const number of acknowledged) assert.ok(arrived.includes(number), `${number} was acknowledged`)
      assert.ok(acknowledged.length > 0)
    }
  })
}

/** Whole numbers below a bound, the same for the same seed. */
function from(seed) {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 2 ** 31) * below)
  }
}
