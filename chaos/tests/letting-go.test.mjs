/* global chaos, it -- what chaos/page puts into the page: its tools, and the client of the test that runs */
// What a connection goes through that looks alive and is not, that grows old, or whose page goes away.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { wantedEngines } from '../support/engines.mjs'
import { faults } from '../support/faults.mjs'
import { Stage } from '../support/stage.mjs'
import { until } from '../support/until.mjs'

const HEARTBEATS = { heartbeatMs: 100, hiddenHeartbeatMs: 100, heartbeatTimeoutMs: 300 }

for (const engine of wantedEngines()) {
  describe(`a connection in ${engine}`, () => {
    let stage, proxy, run

    before(async () => {
      stage = await Stage.start(engine)
    })
    after(() => stage?.stop())
    beforeEach(async () => {
      await stage.begin()
      ;({ proxy, run } = stage)
    })

    /** Opens a client that has heard from the gateway. */
    async function open(options = {}) {
      await run(async ({ url, token }, options) => {
        window.it = chaos.make({ url, token: () => token, ...options })
        await it.open()
        await it.echo('hello')
      }, options)
    }

    describe('in a black hole', () => {
      for (const direction of ['both', 'up', 'down']) {
        test(`is given up without waiting for its close, and replaced (${direction})`, async () => {
          await open(HEARTBEATS)
          proxy.live(faults.blackHole(direction))
          const seen = await run(async () => {
            await it.error('heartbeat-unanswered')
            await it.status('open')
            await it.echo('again')
            const { status, cause } = it.states().find(({ cause }) => cause === 'heartbeat-unanswered')
            return { status, cause, live: chaos.sockets.live().length, made: chaos.sockets.made.length }
          })
          assert.deepEqual(seen, { status: 'waiting', cause: 'heartbeat-unanswered', live: 1, made: 2 })
        })
      }

      test('is found when the page is used again after a sleep, by a question that is asked twice', async () => {
        await run(async ({ url, token }) => {
          window.clock = chaos.installClock()
          window.it = chaos.make({ url, token: () => token, maxLifeMs: 0 })
          await it.open()
          await it.echo('hello')
        })
        proxy.live(faults.blackHole())
        const waiting = await run(async () => {
          // As after an hour with the lid closed: no timer has fired, and the app sends at once.
          window.clock.sleep(3_600_000)
          void it.send({ action: 'echo', id: 'after the sleep' })
          await chaos.turns()
          return { outcome: it.sends.at(-1).outcome, errors: it.errors() }
        })
        // It waits: the socket says that it is open, but nobody believes it.
        assert.deepEqual(waiting, { outcome: 'pending', errors: [] })
        const seen = await run(async () => {
          // A fifth of the timeout, and the rest of it.
          window.clock.advance(2_000)
          await chaos.turns()
          window.clock.advance(8_000)
          await it.error('heartbeat-unanswered')
          window.clock.advance(1_000)
          await chaos.until(() => it.echoes().includes('after the sleep'), 'the message on the next socket')
          return { errors: it.errors(), made: chaos.sockets.made.length }
        })
        assert.deepEqual(seen, { errors: ['heartbeat-unanswered'], made: 2 })
      })

      test('says nothing of a message that is waiting for its answer but that nobody knows', async () => {
        await open(HEARTBEATS)
        proxy.live(faults.blackHole())
        const outcomes = await run(async () => {
          const asked = it.client.request({ action: 'echo' }).catch(({ code }) => code)
          const sent = it.client.send({ action: 'echo' }, { acknowledge: true })
          return [await asked, await sent]
        })
        assert.deepEqual(outcomes, ['outcome-unknown', 'unknown'])
      })
    })

    describe('that grows old', () => {
      test('is replaced without a gap while messages flow both ways, each of them once', async () => {
        await open({ drainMs: 200 })
        const pushing = pushUntilStopped(stage)
        const seen = await run(async () => {
          const generations = new Set()
          for (let n = 0; n < 5; n += 1) {
            for (let i = 0; i < 10; i += 1) void it.send({ action: 'echo', id: `${n}-${i}` })
            await it.client.rotate()
            generations.add(it.client.state.generation)
          }
          await chaos.until(() => it.echoes().length === 51, 'all echoes')
          return { statuses: it.statuses(), generations: generations.size, maxLive: chaos.sockets.maxLive }
        })
        const pushed = await pushing.stop()
        assert.equal(seen.generations, 5)
        assert.ok(seen.maxLive <= 3, `${seen.maxLive} sockets at a time`)
        assert.deepEqual(new Set(seen.statuses), new Set(['fetching-token', 'connecting', 'open']))
        const { echoes, numbers, gaps } = await run(async (_, count) => {
          const numbers = () => it.messages().flatMap(({ number }) => number ?? [])
          await chaos.until(() => numbers().length >= count, 'all notifications')
          return { echoes: it.echoes(), numbers: numbers(), gaps: it.gaps() }
        }, pushed)
        assert.equal(new Set(echoes).size, 51)
        assert.deepEqual(
          numbers.sort((a, b) => a - b),
          Array.from({ length: pushed }, (_, i) => i),
        )
        assert.deepEqual(gaps, [])
        await until(() => proxy.counts.live === 1, 'one connection')
      })

      test('is replaced by itself before its time is over', async () => {
        await open({ maxLifeMs: 400, rotateEarlyMs: 200, drainMs: 20 })
        const seen = await run(async () => {
          const handOvers = () => it.states().filter(({ cause }) => cause === 'handed-over').length
          await chaos.until(() => handOvers() >= 3, 'three hand-overs')
          await it.echo('still here')
          return { errors: it.errors(), gaps: it.gaps(), waits: it.statuses().includes('waiting') }
        })
        assert.deepEqual(seen, { errors: [], gaps: [], waits: false })
      })

      test('goes on, when a second connection is refused, by closing the first', async () => {
        await open({ firstRetryMs: 10 })
        proxy.next(3, faults.answer(403))
        const seen = await run(async () => {
          await it.client.rotate()
          await it.echo('on another socket')
          return { causes: it.states().map(({ cause }) => cause), gaps: it.gaps().length }
        })
        assert.ok(seen.causes.includes('hand-over-failed'), seen.causes.join(', '))
        assert.equal(seen.gaps, 1)
      })

      test('is not missed when it breaks while its successor is on the way', async () => {
        await open()
        proxy.always(faults.delay(100))
        const old = await run(() => {
          void it.client.rotate()
          return it.client.state.generation
        })
        await until(() => proxy.counts.live === 2, 'a second connection')
        let isFirst = true
        proxy.live((link) => {
          if (isFirst) link.reset()
          isFirst = false
        })
        await run(async (_, old) => {
          const isNew = () => it.client.isConnected && it.client.state.generation !== old
          await chaos.until(isNew, 'the successor')
          await it.echo('on the second')
        }, old)
        await until(() => proxy.counts.live === 1, 'one connection')
      })
    })

    describe('whose page', () => {
      test('says offline is asked at once, and kept if it answers', async () => {
        await open()
        const seen = await run(async () => {
          const before = it.client.explain().counters.framesReceived
          window.dispatchEvent(new Event('online'))
          await chaos.until(() => it.client.explain().counters.framesReceived > before, 'an answer')
          return { made: chaos.sockets.made.length, rtt: it.client.explain().counters.rttMs >= 0 }
        })
        assert.deepEqual(seen, { made: 1, rtt: true })
      })

      test('is stored lets go of its socket, and has another when it is shown again', async () => {
        await open()
        const stored = await run(async () => {
          window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
          return { status: it.client.state.status, live: chaos.sockets.live().length }
        })
        assert.deepEqual(stored, { status: 'suspended', live: 0 })
        await until(() => proxy.counts.live === 0, 'no connection')
        await run(async () => {
          window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
          await it.status('open')
          await it.echo('back')
        })
      })

      test('is left holds no connection, and has one again when the user goes back', async (t) => {
        await open()
        await stage.leave()
        await until(() => proxy.counts.live === 0, 'no connection')
        if (!(await stage.comeBack())) return t.diagnostic(`${engine} did not keep the page`)
        const causes = await run(async () => {
          await it.status('open')
          await it.echo('back')
          return it.states().map(({ cause }) => cause)
        })
        const [stored, shown] = ['page-stored', 'page-shown'].map((cause) => causes.indexOf(cause))
        assert.ok(stored > 0 && shown > stored, causes.join(', '))
        assert.equal(await run(() => it.gaps().length), 1)
        await until(() => proxy.counts.live === 1, 'one connection')
      })

      test('goes through anything does not revive a client that the app has closed', async () => {
        await open()
        const seen = await run(async () => {
          it.client.close()
          const before = it.events.length
          for (const type of ['offline', 'online', 'pagehide', 'pageshow']) {
            window.dispatchEvent(new PageTransitionEvent(type, { persisted: true }))
          }
          for (const type of ['visibilitychange', 'freeze', 'resume', 'prerenderingchange']) {
            document.dispatchEvent(new Event(type))
          }
          await chaos.turns()
          return { more: it.events.length - before, made: chaos.sockets.made.length, held: chaos.held() }
        })
        const held = { sockets: 0, socketsListenedTo: 0, timers: 0, listeners: 0 }
        assert.deepEqual(seen, { more: 0, made: 1, held })
      })
    })

    describe('with a message that is too big for the server', () => {
      test('names it, comes back, and does not send it again', async () => {
        await open({ maxFrameBytes: 0, maxMessageBytes: 0 })
        const seen = await run(async () => {
          const big = { action: 'echo', filling: 'x'.repeat(200_000) }
          await it.client.send(big)
          await it.error('message-too-big')
          await it.status('open')
          await it.echo('small')
          const again = await it.client.send(big).catch(({ code }) => code)
          return { again, made: chaos.sockets.made.length }
        })
        assert.deepEqual(seen, { again: 'message-too-big', made: 2 })
      })
    })
  })
}

/** Pushes numbered notifications to the user, one after the other; `stop` settles with how many it were. */
function pushUntilStopped({ gateway, user }) {
  let stopped = false
  let number = 0
  const pushing = (async () => {
    while (!stopped) {
      const said = await gateway.push(user, { number })
      assert.match(said, /delivered to [12] connection/)
      number += 1
    }
  })()
  return {
    async stop() {
      stopped = true
      await pushing
      return number
    },
  }
}
