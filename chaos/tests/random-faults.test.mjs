/* global chaos, it, tokens, acknowledgements -- what chaos/page, and `begin` below, put into the page */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { wantedEngines } from '../support/engines.mjs'
import { randomFrom, seedFrom } from '../support/random.mjs'
import { Stage } from '../support/stage.mjs'
import { trouble } from '../support/storm.mjs'
import { until } from '../support/until.mjs'

const FAULTS = Number(process.env.CHAOS_FAULTS ?? 60)
const SEED = seedFrom('CHAOS_SEED')

/** Short, so that the client meets every fault, and its end, within a moment. */
const KNOBS = {
  firstRetryMs: 20,
  maxRetryMs: 200,
  handshakeTimeoutMs: 500,
  tokenTimeoutMs: 300,
  stableAfterMs: 100,
  heartbeatMs: 200,
  hiddenHeartbeatMs: 200,
  heartbeatTimeoutMs: 300,
  drainMs: 50,
}

/** Runs in the page: a client whose token function does what `tokens` says next, and gives a good token otherwise. */
function begin({ url, token }, knobs) {
  window.tokens = []
  const next = async () => {
    const order = tokens.shift()
    if (order === 'reject') throw new Error('no token today')
    if (order === 'hang') await new Promise(() => undefined)
    if (order) await new Promise((resolve) => window.instruments.native.setTimeout(resolve, order))
    return token
  }
  window.it = chaos.make({ url, token: next, ...knobs })
  let last = 0
  window.sendEchoes = (count) => {
    for (let i = 0; i < count; i += 1) void it.send({ action: 'echo', id: `m${(last += 1)}` })
  }
  window.acknowledgements = []
  window.sendAcknowledged = () => {
    const mark = `a${(last += 1)}`
    const one = { mark, state: 'pending' }
    acknowledgements.push(one)
    it.client.send({ action: 'echo', mark }, { acknowledge: true }).then(
      (state) => (one.state = state),
      ({ code }) => (one.state = code),
    )
  }
  return it.open()
}

/** Runs in the page: goes on when the client has said so many more things, or after a moment. */
async function pause(_, events) {
  const enough = it.events.length + events
  await chaos.until(() => it.events.length >= enough, 'events', 120).catch(() => undefined)
}

/** Runs in the page: a message goes to the gateway and comes back; those on a connection that is ending may be lost. */
async function roundTrip() {
  for (let i = 0; ; i += 1) {
    const id = `proof ${i}`
    void it.send({ action: 'echo', id })
    const come = () => it.echoes().some((one) => String(one).startsWith('proof'))
    const done = await chaos.until(come, 'an echo', 1_000).catch(() => false)
    if (done) return
    if (i === 20) throw new Error(`no echo came back; the state is ${it.client.state.status}`)
  }
}

for (const engine of wantedEngines()) {
  describe(`a client in ${engine}`, () => {
    let stage

    before(async () => {
      stage = await Stage.start(engine)
    })
    after(() => stage?.stop())
    beforeEach(() => stage.begin())

    test(`comes back whole after ${FAULTS} random faults (CHAOS_SEED=${SEED})`, async (t) => {
      const { proxy, run } = stage
      const random = randomFrom(SEED)
      await run(begin, KNOBS)
      await run(() => chaos.until(() => it.client.state.cause === 'stable', 'a stable socket'))
      const before = await run(() => chaos.held())

      const made = []
      for (let i = 0; i < FAULTS; i += 1) {
        made.push(await trouble(stage, random))
        await run(pause, random.int(0, 3))
      }
      t.diagnostic(`the last ten: ${made.slice(-10).join(', ')}`)

      await proxy.heal()
      await run(() => void (tokens.length = 0))
      await run(roundTrip)
      await run(() => {
        const settled = ({ outcome }) => outcome !== 'pending'
        const isPending = ({ state }) => state === 'pending'
        return chaos.until(
          () => [...it.opens, ...it.sends].every(settled) && !acknowledgements.some(isPending),
          'every promise to settle',
        )
      })
      const seen = await run(async (_, before) => {
        const same = () => JSON.stringify(chaos.held()) === JSON.stringify(before)
        await chaos.until(same, 'one set', 5_000).catch(() => undefined)
        const echoes = it.echoes()
        const known = ({ state }) =>
          ['acknowledged', 'unknown'].includes(state) || /closed|superseded|core/.test(state)
        return {
          status: it.client.state.status,
          held: chaos.held(),
          // Two in a hand-over.
          isWithinTwo: chaos.sockets.maxLive <= 2,
          undecided: acknowledgements.filter((one) => !known(one)),
          made: chaos.sockets.made.length,
          twice: echoes.filter((id, at) => echoes.indexOf(id) !== at),
          trapped: it.errors().includes('core-trapped'),
          uncaught: chaos.uncaught,
          sent: it.sends.length,
          echoed: echoes.length,
        }
      }, before)
      const { made: sockets, sent, echoed, ...state } = seen
      t.diagnostic(`${sockets} sockets, ${sent} messages sent, ${echoed} echoed`)
      const whole = {
        status: 'open',
        held: before,
        isWithinTwo: true,
        undecided: [],
        twice: [],
        trapped: false,
        uncaught: [],
      }
      assert.deepEqual(state, whole)
      await until(() => proxy.counts.live === 1, 'one connection')

      await run(() => it.client.dispose())
      await until(() => proxy.counts.live === 0, 'no connection')
      const nothing = { sockets: 0, socketsListenedTo: 0, timers: 0, listeners: 0 }
      assert.deepEqual(await run(() => chaos.held()), nothing)
    })
  })
}
