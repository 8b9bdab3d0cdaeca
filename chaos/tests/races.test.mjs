/* global chaos, it -- what chaos/page puts into the page: its tools, and the client of the test that runs */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { Server } from '../../pkg/tests/server.mjs'
import { wantedEngines } from '../support/engines.mjs'
import { faults } from '../support/faults.mjs'
import { Stage } from '../support/stage.mjs'
import { until } from '../support/until.mjs'

/** What a client holds that is connected and stable, and what one that is closed holds. */
// One timer: the next heartbeat. Listeners to the page: online, offline, pagehide, pageshow, and the document's
// visibilitychange, resume, prerenderingchange.
const ONE_SET = { sockets: 1, socketsListenedTo: 1, timers: 1, listeners: 7 }
const NOTHING = { sockets: 0, socketsListenedTo: 0, timers: 0, listeners: 0 }

for (const engine of wantedEngines()) {
  describe(`a client in ${engine}`, () => {
    let stage, proxy, run

    before(async () => {
      stage = await Stage.start(engine)
    })
    after(() => stage?.stop())
    beforeEach(async () => {
      await stage.begin()
      ;({ proxy, run } = stage)
    })

    /** Makes `window.it` a client with these options and the user's token, and opens it. */
    async function open(options = {}) {
      await run(({ url, token }, options) => {
        window.it = chaos.make({ url, token: () => token, ...options })
        return it.open()
      }, options)
    }

    /** The client works, with one socket and nothing left over. */
    async function worksWithOneSet(expected = ONE_SET) {
      const result = await run(async (_, expected) => {
        await it.echo(`proof-${performance.now()}`)
        const same = () => JSON.stringify(chaos.held()) === JSON.stringify(expected)
        await chaos.until(same, 'one set', 3_000).catch(() => undefined)
        return { held: chaos.held(), maxLive: chaos.sockets.maxLive }
      }, expected)
      assert.deepEqual(result, { held: expected, maxLive: 1 })
      await until(() => proxy.counts.live === 1, 'one connection')
    }

    describe('while the token is pending', () => {
      test('says nothing after close(), whatever the token function does then', async () => {
        const seen = await run(async ({ url, token }) => {
          const outcomes = []
          for (const settle of [(call) => call.give(token), (call) => call.fail()]) {
            for (const hasCore of [false, true]) {
              const desk = chaos.tokenDesk()
              window.it = chaos.make({ url, token: desk.token })
              void it.open()
              if (hasCore) await chaos.until(() => it.client.engine, 'the core')
              it.client.close()
              const [call] = desk.calls
              const before = it.events.length
              settle(call)
              await chaos.turns()
              const { aborted } = call.signal
              outcomes.push({
                aborted,
                status: it.client.state.status,
                more: it.events.length - before,
                ...it.opens[0],
              })
            }
          }
          return { outcomes, made: chaos.sockets.made.length, held: chaos.held(), uncaught: chaos.uncaught }
        })
        const closed = { aborted: true, status: 'closed', more: 0, outcome: 'closed' }
        assert.deepEqual(seen, { outcomes: Array(4).fill(closed), made: 0, held: NOTHING, uncaught: [] })
        assert.equal(proxy.counts.handshakes, 0)
      })

      test('uses the second token when the first settles after close() and open()', async () => {
        const seen = await run(async ({ url, token }) => {
          const outcomes = []
          for (const settle of [(call) => call.give('stale'), (call) => call.fail()]) {
            for (const hasCore of [false, true]) {
              const desk = chaos.tokenDesk()
              window.it = chaos.make({ url, token: desk.token })
              void it.open()
              if (hasCore) await chaos.until(() => it.client.engine, 'the core')
              it.client.close()
              const opening = it.open()
              await chaos.until(() => desk.calls.length === 2, 'a second call')
              settle(desk.calls[0])
              await chaos.turns()
              desk.calls[1].give(token)
              await opening
              outcomes.push({ errors: it.errors(), opens: it.opens.map(({ outcome }) => outcome) })
              it.client.dispose()
            }
          }
          const urls = chaos.sockets.made.map((socket) => new URL(socket.url).searchParams.get('token'))
          return {
            outcomes,
            sockets: urls.length,
            stale: urls.includes('stale'),
            maxLive: chaos.sockets.maxLive,
          }
        })
        const good = { errors: [], opens: ['closed', 'done'] }
        assert.deepEqual(seen, { outcomes: Array(4).fill(good), sockets: 4, stale: false, maxLive: 1 })
      })

      test('asks again when the token never comes', async () => {
        const seen = await run(async ({ url, token }) => {
          const signals = []
          const hang = () => new Promise(() => undefined)
          const next = ({ signal }) => (signals.push(signal) < 3 ? hang() : token)
          window.it = chaos.make({ url, token: next, tokenTimeoutMs: 30 })
          await it.open()
          return { errors: it.errors(), aborted: signals.map(({ aborted }) => aborted) }
        })
        assert.deepEqual(seen, {
          errors: ['token-timed-out', 'token-timed-out'],
          aborted: [true, true, false],
        })
        await worksWithOneSet()
      })

      test('starts over at once with reconnect(), or close() and open(), when the token never comes', async () => {
        for (const again of ['reconnect', 'close and open']) {
          const made = await run(async ({ url, token }, again) => {
            const desk = chaos.tokenDesk()
            window.it = chaos.make({ url, token: desk.token, tokenTimeoutMs: 3_600_000 })
            void it.open()
            await chaos.until(() => it.client.engine && desk.calls.length === 1, 'the first call')
            if (again === 'reconnect') it.client.reconnect()
            else it.client.close()
            void it.open()
            await chaos.until(() => desk.calls.length === 2, 'the second call')
            desk.calls[1].give(token)
            await it.status('open')
            await it.echo('x')
            it.client.dispose()
            return chaos.sockets.made.length
          }, again)
          assert.equal(made, again === 'reconnect' ? 1 : 2)
        }
      })

      test('goes on after a token function that throws or rejects, with no unhandled rejection', async () => {
        const seen = await run(async ({ url, token }) => {
          let calls = 0
          const next = () => {
            calls += 1
            if (calls === 1) throw new Error('thrown')
            return calls === 2 ? Promise.reject(new Error('rejected')) : token
          }
          window.it = chaos.make({ url, token: next })
          void it.open()
          await it.status('open')
          return { errors: it.errors(), opens: it.opens, uncaught: chaos.uncaught }
        })
        assert.deepEqual(seen, {
          errors: ['token-failed', 'token-failed'],
          opens: [{ outcome: 'done' }],
          uncaught: [],
        })
        await worksWithOneSet()
      })
    })

    describe('while it connects', () => {
      test('hangs up and stays closed when it is closed', async () => {
        proxy.next(1, faults.blackHole())
        await run(({ url, token }) => {
          window.it = chaos.make({ url, token: () => token })
          void it.open()
        })
        await until(() => proxy.counts.handshakes === 1, 'a handshake')
        const seen = await run(async () => {
          it.client.close()
          const held = chaos.held()
          await chaos.until(() => chaos.sockets.made[0].readyState === 3, 'the socket to close')
          return { held, statuses: it.statuses(), errors: it.errors(), opens: it.opens }
        })
        assert.deepEqual(seen, {
          held: NOTHING,
          statuses: ['fetching-token', 'connecting', 'closed'],
          errors: [],
          opens: [{ outcome: 'closed' }],
        })
        // Firefox keeps the connection of a handshake that is given up until an answer comes, or its own timeout.
        if (engine !== 'firefox') await until(() => proxy.counts.live === 0, 'the connection to go')
        await proxy.heal()
        await run(() => it.open())
        await worksWithOneSet()
      })

      test('opens one socket with one token, however often it is told to', async () => {
        const seen = await run(async ({ url, token }) => {
          let tokens = 0
          window.it = chaos.make({ url, token: () => ((tokens += 1), token) })
          await Promise.all([it.open(), it.open()])
          const opening = it.open()
          it.client.close()
          await Promise.allSettled([opening, it.open(), it.open()])
          return { tokens, made: chaos.sockets.made.length }
        })
        assert.deepEqual(seen, { tokens: 2, made: 2 })
        await worksWithOneSet()
      })

      test('is closed and says why when the browser throws at the socket’s construction', async () => {
        const seen = await run(async ({ url, token }) => {
          const outcomes = []
          const thrown = [
            new DOMException('no', 'SyntaxError'),
            new DOMException('no', 'SecurityError'),
            'a string',
          ]
          for (const what of thrown) {
            let throws = true
            class Fragile extends chaos.sockets.Tracked {
              constructor(...args) {
                if (throws) throw what
                super(...args)
              }
            }
            window.it = chaos.make({ url, token: () => token, WebSocket: Fragile })
            await it.open().catch(() => undefined)
            const { status, cause } = it.client.state
            throws = false
            await it.open()
            await it.echo('x')
            it.client.dispose()
            outcomes.push({
              status,
              cause,
              errors: it.errors(),
              opens: it.opens.map(({ outcome }) => outcome),
            })
          }
          return outcomes
        })
        const refused = {
          status: 'closed',
          cause: 'socket-refused',
          errors: ['socket-refused'],
          opens: ['socket-refused', 'done'],
        }
        assert.deepEqual(seen, Array(3).fill(refused))
      })

      test('counts a handshake that is refused once, though the browser fires both error and close', async () => {
        const statuses = [401, 403, 429, 500, 503]
        for (const status of statuses) proxy.next(1, faults.answer(status))
        await open()
        const seen = await run(() => ({
          errors: it.errors(),
          attempts: it.states().flatMap(({ status, attempt }) => (status === 'waiting' ? [attempt] : [])),
          made: chaos.sockets.made.length,
        }))
        assert.deepEqual(seen, {
          errors: statuses.map(() => 'handshake-failed'),
          attempts: [1, 2, 3, 4, 5],
          made: 6,
        })
        assert.equal(proxy.counts.handshakes, 6)
        await worksWithOneSet()
      })

      test('gives up a handshake that nobody answers, and tries again', async () => {
        proxy.next(1, faults.blackHole())
        await open({ handshakeTimeoutMs: 100 })
        const errors = await run(() => it.errors())
        // More than one where the browser is slow to begin the next.
        assert.deepEqual([...new Set(errors)], ['handshake-timed-out'])
        await proxy.heal()
        await worksWithOneSet()
      })

      test('does not take a refused connection for a normal close', async () => {
        await proxy.refuse()
        const seen = await run(async ({ url, token }) => {
          window.it = chaos.make({ url, token: () => token })
          void it.open()
          await it.status('waiting')
          return { ...it.states().at(-1), errors: it.errors(), opens: it.opens }
        })
        assert.equal(seen.cause, 'handshake-failed')
        assert.notEqual(seen.closeCode, 1000)
        // More than one where the page is slow to look: the first retries come soon.
        assert.deepEqual(new Set(seen.errors), new Set(['handshake-failed']))
        assert.deepEqual(
          seen.opens,
          [{ outcome: 'pending' }],
          'a server that is down is no reason to give up',
        )
        await proxy.heal()
        await run(() => it.status('open'))
        await worksWithOneSet()
      })

      test('hears the message that comes in one packet with the handshake’s answer', async () => {
        proxy.next(1, faults.blackHole('down'))
        await run(({ url, token }) => {
          window.heard = []
          window.it = chaos.make({ url, token: () => token })
          void it.open().then(() => {
            it.client.addEventListener('onwebsocketmessage', ({ message }) => window.heard.push(message))
          })
        })
        await until(() => proxy.counts.answers === 1, 'the gateway to have it')
        await stage.gateway.push(stage.user, { title: 'first' })
        await proxy.heal()
        const heard = await run(() => chaos.until(() => window.heard.length > 0 && window.heard, 'a message'))
        assert.deepEqual(heard, [{ title: 'first' }])
      })
    })

    describe('while it waits for a retry', () => {
      const LONG = { firstRetryMs: 3_600_000, maxRetryMs: 3_600_000 }

      async function waiting() {
        await open(LONG)
        proxy.live(faults.reset())
        await run(() => it.status('waiting'))
      }

      test('connects at once with reconnect()', async () => {
        await waiting()
        await run(() => {
          it.client.reconnect()
          return it.status('open')
        })
        await worksWithOneSet()
      })

      test('connects at once with close() and open()', async () => {
        await waiting()
        await run(() => {
          it.client.close()
          return it.open()
        })
        await worksWithOneSet()
      })

      test('holds nothing after close()', async () => {
        await waiting()
        const seen = await run(async () => {
          it.client.close()
          await chaos.turns()
          return { held: chaos.held(), status: it.client.state.status }
        })
        assert.deepEqual(seen, { held: NOTHING, status: 'closed' })
      })

      test('tells the close code of a connection that broke', async () => {
        await waiting()
        const { cause, closeCode } = await run(() => it.states().at(-1))
        assert.deepEqual({ cause, closeCode }, { cause: 'socket-closed', closeCode: 1006 })
      })

      test('comes back after a server that was down for many attempts', async () => {
        await open()
        await proxy.refuse()
        proxy.live(faults.reset())
        await run(() => it.error('handshake-failed', 4))
        await proxy.heal()
        await run(() => it.status('open'))
        await worksWithOneSet()
      })

      test('waits longer and longer for a server that accepts and closes', async () => {
        proxy.next(5, faults.closeAfterAnswer())
        const seen = await run(async ({ url, token }) => {
          // Never stable before the end, so a handshake alone proves nothing.
          window.it = chaos.make({ url, token: () => token, stableAfterMs: 5_000 })
          const waits = []
          it.client.addEventListener('statechange', ({ state }) => {
            if (state.status === 'waiting') waits.push(it.client.reconnectTime * 1000)
          })
          void it.open()
          await chaos.until(() => waits.length === 5 && it.client.isConnected, 'the end of it')
          await it.echo('x')
          return waits
        })
        assert.deepEqual(seen.map(Math.round), [20, 40, 80, 160, 200])
      })

      test('draws its waits at random, so that clients which lost one server do not return as one', async () => {
        await run(async ({ url, token }, options) => {
          window.clients = Array.from({ length: 5 }, () =>
            chaos.make({ url, token: () => token, ...options }),
          )
          await Promise.all(window.clients.map((one) => one.open()))
        }, LONG)
        proxy.live(faults.reset())
        const delays = await run(async () => {
          for (const one of window.clients) await one.status('waiting')
          return window.clients.map(({ client }) => client.state.retryAt - Date.now())
        })
        const spreadMs = Math.max(...delays) - Math.min(...delays)
        assert.ok(spreadMs > 10_000, `within half an hour, not ${delays.join(', ')}`)
        assert.ok(Math.max(...delays) <= LONG.firstRetryMs)
      })
    })

    describe('with an old socket', () => {
      test('ignores everything that comes late from it', async () => {
        await open()
        const seen = await run(async () => {
          const [old] = chaos.sockets.made
          it.client.reconnect()
          await chaos.until(() => chaos.sockets.made.length === 2 && it.client.isConnected, 'a new socket')
          const before = it.events.length
          old.dispatchEvent(new Event('open'))
          old.dispatchEvent(new MessageEvent('message', { data: '"late"' }))
          old.dispatchEvent(new Event('error'))
          old.dispatchEvent(new CloseEvent('close', { code: 4400 }))
          await it.echo('after')
          const late = it.events
            .slice(before)
            .filter(({ kind, message }) => kind === 'error' || message === 'late')
          return { late, status: it.client.state.status }
        })
        assert.deepEqual(seen, { late: [], status: 'open' })
        await worksWithOneSet()
      })

      test('does not deliver a message that was under way on it', async () => {
        await open()
        proxy.live(faults.blackHole('down'))
        await run(() => it.send({ action: 'echo', id: 'old' }))
        await run(() => {
          it.client.reconnect()
          return it.echo('new')
        })
        await proxy.heal()
        const seen = await run(async () => {
          await chaos.until(() => chaos.sockets.made[0].readyState === 3, 'the old socket to close')
          return it.echoes()
        })
        assert.deepEqual(seen, ['new'])
        await worksWithOneSet()
      })
    })

    describe('whose listeners misbehave', () => {
      test('runs the others, and works on, when they throw in every event', async () => {
        await run(async ({ url, token }) => {
          const desk = chaos.tokenDesk()
          window.it = chaos.make({ url, token: desk.token })
          for (const type of ['statechange', 'error', 'onwebsocketmessage']) {
            it.client.addEventListener(type, chaos.throwing)
          }
          void it.open()
          await chaos.until(() => desk.calls.length === 1, 'the first call')
          desk.calls[0].fail()
          await chaos.until(() => desk.calls.length === 2, 'the second call')
          desk.calls[1].give(token)
          await it.echo('x')
        })
        const seen = await run(() => {
          const kinds = ['statechange', 'error', 'onwebsocketmessage']
          return {
            errors: it.errors(),
            reported: kinds.filter((type) => chaos.uncaught.some((text) => text.includes(`in ${type}`))),
            engine: it.client.engine,
          }
        })
        assert.deepEqual(seen, {
          errors: ['token-failed'],
          reported: ['statechange', 'error', 'onwebsocketmessage'],
          engine: 'wasm',
        })
        await worksWithOneSet()
      })

      for (const kind of ['statechange', 'error', 'onwebsocketmessage']) {
        test(`survives close, send, open, reconnect and dispose called in ${kind}`, async () => {
          const seen = await run(async ({ url, token }, kind) => {
            const outcomes = []
            const acts = {
              close: () => it.client.close(),
              'close, open': () => (it.client.close(), it.open()),
              'send, close, open': () => (
                it.send({ action: 'echo', id: 'in' }),
                it.client.close(),
                it.open()
              ),
              reconnect: () => it.client.reconnect(),
              'open, send': () => (it.open(), it.send({ action: 'echo', id: 'in' })),
              dispose: () => it.client.dispose(),
              'dispose, open': () => (it.client.dispose(), it.open()),
            }
            for (const [name, act] of Object.entries(acts)) {
              let tokens = 0
              // The first token is no good, so that there is an error to listen to.
              const next = () => ((tokens += 1) === 1 ? Promise.reject(new Error('none')) : token)
              window.it = chaos.make({ url, token: next })
              let times = 0,
                acting = true
              it.client.addEventListener(kind, () => acting && (times += 1) <= 4 && act())
              void it.open()
              void it.send({ action: 'echo', id: 'first' })
              const quiet = () => times > 0 && /open|closed/.test(it.client.state.status)
              await chaos.until(quiet, `quiet after ${name}`)
              acting = false
              await it.open()
              await it.echo('last')
              const settled = () => [...it.opens, ...it.sends].every(({ outcome }) => outcome !== 'pending')
              await chaos.until(settled, `every promise after ${name}`)
              const trapped = it.errors().includes('core-trapped')
              outcomes.push({ name, trapped, twice: it.echoes().filter((id) => id === 'last').length !== 1 })
              it.client.dispose()
            }
            await chaos.turns()
            return { outcomes, held: chaos.held(), maxLive: chaos.sockets.maxLive, uncaught: chaos.uncaught }
          }, kind)
          assert.equal(seen.outcomes.length, 7)
          for (const { name, ...outcome } of seen.outcomes) {
            assert.deepEqual(outcome, { trapped: false, twice: false }, name)
          }
          assert.deepEqual(seen.held, NOTHING)
          assert.equal(seen.maxLive, 1)
          assert.deepEqual(seen.uncaught, [])
        })
      }
    })

    describe('whose timers fire hours late', () => {
      const HOURS = 3 * 3_600_000

      test('makes one attempt after a wait', async () => {
        await run(async ({ url, token }) => {
          window.clock = chaos.installClock()
          window.it = chaos.make({ url, token: () => token })
          await it.open()
        })
        proxy.live(faults.reset())
        const seen = await run(async (_, hours) => {
          await it.status('waiting')
          window.clock.advance(hours)
          await it.status('open')
          await it.echo('x')
          return { made: chaos.sockets.made.length, errors: it.errors(), armed: window.clock.armed() }
        }, HOURS)
        assert.deepEqual(seen, { made: 2, errors: [], armed: 1 })
        assert.equal(proxy.counts.handshakes, 2)
      })

      test('gives up a token and a handshake that are long overdue, once each', async () => {
        proxy.next(1, faults.blackHole())
        await run(async ({ url, token }, hours) => {
          window.clock = chaos.installClock()
          let tokens = 0
          const next = () => ((tokens += 1) === 1 ? new Promise(() => undefined) : token)
          window.it = chaos.make({ url, token: next })
          void it.open()
          await chaos.until(() => it.client.engine, 'the core')
          window.clock.advance(hours)
          await it.status('waiting')
          window.clock.advance(hours)
          await it.status('connecting')
        }, HOURS)
        await until(() => proxy.counts.handshakes === 1, 'a handshake')
        const seen = await run(async (_, hours) => {
          window.clock.advance(hours)
          await it.status('waiting')
          window.clock.advance(hours)
          await it.status('open')
          await it.echo('x')
          return { errors: it.errors(), made: chaos.sockets.made.length, live: chaos.sockets.live().length }
        }, HOURS)
        assert.deepEqual(seen, { errors: ['token-timed-out', 'handshake-timed-out'], made: 2, live: 1 })
      })

      test('lets an open socket be, and calls it stable', async () => {
        const seen = await run(async ({ url, token }, hours) => {
          window.clock = chaos.installClock()
          window.it = chaos.make({ url, token: () => token, maxLifeMs: 0 })
          await it.open()
          window.clock.advance(hours)
          await it.echo('x')
          return { last: it.states().at(-1), made: chaos.sockets.made.length, errors: it.errors() }
        }, HOURS)
        assert.equal(seen.last.cause, 'stable')
        assert.deepEqual([seen.made, seen.errors], [1, []])
      })
    })

    describe('with messages', () => {
      test('does not send the same oversized message for ever', async () => {
        await run(async ({ url, token }) => {
          window.it = chaos.make({ url, token: () => token })
          void it.open()
          void it.send({ action: 'echo', id: 'too big', filling: 'x'.repeat(200_000) })
          void it.send({ action: 'echo', id: 'behind it' })
          await it.status('open')
          const isSettled = ({ outcome }) => outcome !== 'pending'
          await chaos.until(() => it.sends.length === 2 && it.sends.every(isSettled), 'both to settle')
          // The socket that it was sent on closes, if it was sent; an echo comes on the one after that.
          const closes = () => it.client.state.attempt > 0 || it.sends[0].outcome !== 'done'
          await chaos.until(closes, 'a close', 5_000)
          await it.status('open')
        })
        await worksWithOneSet()
        const made = await run(() => chaos.sockets.made.length)
        assert.ok(made <= 2, `one more socket at most, not ${made - 1}`)
      })

      for (const how of ['closes', 'throws']) {
        test(`sends what waited, each message once, when a socket ${how} half-way`, async () => {
          const seen = await run(async ({ url, token }, how) => {
            let left = 2
            class Half extends chaos.sockets.Tracked {
              send(text) {
                left -= 1
                if (left === -1 && how === 'throws') throw new DOMException('not now', 'InvalidStateError')
                super.send(text)
                if (left === 0 && how === 'closes') super.close()
              }
            }
            window.it = chaos.make({ url, token: () => token, WebSocket: Half })
            void it.open()
            for (const id of ['1', '2', '3', '4', '5']) void it.send({ action: 'echo', id })
            const isSettled = ({ outcome }) => outcome !== 'pending'
            await chaos.until(() => it.sends.filter(isSettled).length >= 2, 'the first two')
            // What a socket did not take waits for the next one.
            if (how === 'throws') it.client.reconnect()
            await chaos.until(() => it.sends.every(isSettled), 'all to settle')
            await it.echo('last')
            return { outcomes: it.sends.map(({ outcome }) => outcome), echoes: it.echoes() }
          }, how)
          assert.deepEqual(seen.outcomes, Array(6).fill('done'))
          assert.equal(new Set(seen.echoes).size, seen.echoes.length, 'none twice')
          if (how === 'closes') assert.deepEqual(seen.echoes.slice(-4), ['3', '4', '5', 'last'], 'in order')
          await worksWithOneSet()
        })
      }

      test('reports a binary frame, which is a Blob, and works on', async () => {
        const server = await Server.start()
        try {
          await run(async (_, url) => {
            window.it = chaos.make({ url })
            await it.open()
          }, server.url)
          server.push(Buffer.from([1, 2, 3]))
          server.push('"text"')
          const seen = await run(async () => {
            await chaos.until(() => it.messages().length === 1, 'the text')
            const { code, data } = it.events.find(({ kind }) => kind === 'error')
            return {
              code,
              isBlob: data instanceof Blob,
              message: it.messages()[0],
              held: chaos.held().sockets,
            }
          })
          assert.deepEqual(seen, { code: 'not-text', isBlob: true, message: 'text', held: 1 })
        } finally {
          await server.stop()
        }
      })
    })

    describe('that is disposed of', () => {
      for (const status of ['fetching-token', 'connecting', 'open', 'waiting']) {
        test(`in the state ${status} holds nothing, hears nothing, and can be opened again`, async () => {
          if (status === 'connecting') proxy.next(1, faults.blackHole())
          if (status === 'waiting') proxy.next(1, faults.reset())
          const seen = await run(async ({ url, token }, status) => {
            const desk = (window.desk = chaos.tokenDesk())
            window.it = chaos.make({ url, token: desk.token, firstRetryMs: 1_000, maxRetryMs: 1_000 })
            void it.open()
            void it.send({ action: 'echo', id: 'x' })
            await chaos.until(() => it.client.engine && desk.calls.length === 1, 'the token to be asked for')
            if (status !== 'fetching-token') desk.calls[0].give(token)
            await it.status(status)
            it.client.dispose()
            desk.calls[0].give(token)
            const [socket] = chaos.sockets.made
            const before = it.events.length
            await chaos.turns()
            socket?.dispatchEvent(new Event('open'))
            socket?.dispatchEvent(new MessageEvent('message', { data: '"late"' }))
            socket?.dispatchEvent(new CloseEvent('close', { code: 1006 }))
            const isPending = ({ outcome }) => outcome === 'pending'
            const pending = [...it.opens, ...it.sends].filter(isPending).length
            return { pending, held: chaos.held(), more: it.events.length - before, uncaught: chaos.uncaught }
          }, status)
          assert.deepEqual(seen, { pending: 0, held: NOTHING, more: 0, uncaught: [] })
          await proxy.heal()
          await run(async ({ token }) => {
            const { calls } = window.desk
            const before = calls.length
            const opening = it.open()
            await chaos.until(() => calls.length > before, 'a fresh token to be asked for')
            calls.at(-1).give(token)
            await opening
            await it.echo('again')
            it.client.dispose()
          })
          await until(() => proxy.counts.live === 0, 'no connection')
        })
      }
    })

    describe('whose core traps', () => {
      test('goes on with a new core, and the next call works', async () => {
        await run(async ({ url, token }) => {
          let traps = 0
          // Entering the core fails, as it does when it traps.
          window.Uint32Array = new Proxy(Uint32Array, {
            construct(target, args) {
              if (traps === 0) return new target(...args)
              traps -= 1
              throw new Error('trap')
            },
          })
          // No answer to a heartbeat is the first to trap.
          window.it = chaos.make({ url, token: () => token, heartbeatMs: 0 })
          await it.open()
          traps = 1
        })
        const seen = await run(async () => {
          await it.send({ action: 'echo', id: 'lost' }).catch(() => undefined)
          await it.send({ action: 'echo', id: 'next' })
          await it.echo('last')
          return {
            outcomes: it.sends.map(({ outcome }) => outcome),
            errors: it.errors(),
            echoes: it.echoes(),
          }
        })
        assert.deepEqual(seen, {
          outcomes: ['core-trapped', 'done', 'done'],
          errors: ['core-trapped'],
          echoes: ['next', 'last'],
        })
        await worksWithOneSet()
      })
    })
  })
}
