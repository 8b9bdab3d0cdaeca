import { faults } from '../../chaos/support/faults.mjs'
import { bad, fair, good, seconds, sleep } from '../support/result.mjs'

/** Everybody's connection breaks, and nobody answers. */
export async function takeDown({ proxy }) {
  await proxy.refuse()
  proxy.live(faults.reset())
}

export const restart = {
  id: 'restart',
  name: 'The server restarts',
  done: 'All connections are reset; nobody listens for 1 s.',
  counts: 'Connected again, and how long after the server was back: within 5 s.',
  async play(arena) {
    await arena.begin()
    const before = (await arena.seen()).attempts.length
    await takeDown(arena)
    await sleep(1_000)
    await arena.proxy.heal()
    const ms = await arena.untilOpen(15_000)
    if (ms === null || !(await arena.works(5_000))) return bad('stays down')
    const attempts = (await arena.seen()).attempts.length - before
    return (ms < 5_000 ? good : fair)(seconds(ms), { ms, attempts })
  },
}

const DOWN_MS = 20_000

export const outage = {
  id: 'outage',
  name: 'The server is down for 20 s',
  done: 'All connections are reset; nobody listens for 20 s.',
  counts: 'Attempts meanwhile, at most 15, and how long after the server was back: within 25 s.',
  // The scenario that takes longest.
  async play(arena) {
    await arena.begin()
    const { attempts: before, now: downAt } = await arena.seen()
    await takeDown(arena)
    await sleep(DOWN_MS)
    const { attempts } = await arena.seen()
    await arena.proxy.heal()
    const ms = await arena.untilOpen(25_000)
    const tried = attempts.slice(before.length).map((at) => at - downAt)
    const tries = tried.length === 1 ? '1 try' : `${tried.length} tries`
    const raw = { tried, ms }
    if (ms === null || !(await arena.works(5_000))) return bad(`${tries}, stays down`, raw)
    return (tried.length <= 15 ? good : fair)(`${tries}, back after ${seconds(ms)}`, raw)
  },
}

export const acceptThenClose = {
  id: 'accept-then-close',
  name: 'A server that accepts and hangs up',
  done: 'For 10 s each handshake succeeds, and the connection is closed right after it.',
  counts: 'Connects in 10 s: more than one, and no more than 6.',
  async play(arena) {
    arena.proxy.always(faults.closeAfterAnswer())
    await arena.make()
    await arena.call('open')
    await sleep(10_000)
    const connects = (await arena.seen()).attempts.length
    if (connects <= 1) return bad('gives up', { connects })
    return (connects <= 6 ? good : bad)(`${connects} connects`, { connects })
  },
}

const HERD = 20

export const herd = {
  id: 'herd',
  name: '20 users lose one server',
  done: '20 pages lose their connections in the same moment.',
  counts: 'From the first page’s first retry to the last page’s: at least 300 ms, or they come back as one.',
  async play(arena) {
    await arena.page.evaluate((count) => {
      for (let i = 0; i < count; i += 1) {
        document.body.appendChild(document.createElement('iframe')).src = location.href
      }
    }, HERD)
    const frames = () => arena.page.frames().filter((frame) => frame.parentFrame())
    await arena.page.waitForFunction(
      (count) => Array.from(window).filter((frame) => frame.score).length === count,
      HERD,
    )
    for (const frame of frames()) {
      await arena.make({}, frame)
      await arena.call('open', frame)
    }
    for (const frame of frames()) {
      if ((await arena.untilOpen(20_000, frame)) === null) throw new Error('not all of them opened')
    }
    // Long enough to be taken for healthy by those who look at that.
    await sleep(6_000)
    await takeDown(arena)
    await sleep(6_000)
    const firsts = []
    for (const frame of frames()) {
      const at = await frame.evaluate(() => performance.timeOrigin + window.score.attempts[1])
      if (at) firsts.push(at)
    }
    if (firsts.length < HERD)
      return bad(firsts.length === 0 ? 'none retries' : `${firsts.length} retry`, firsts)
    const spreadMs = Math.max(...firsts) - Math.min(...firsts)
    return (spreadMs >= 300 ? good : bad)(`${Math.round(spreadMs)} ms`, { firsts, spreadMs })
  },
}

/** Pushes numbered messages; what it returns ends that and gives how many. A timer that is late catches up. */
function pushNumbers(server, everyMs) {
  let n = 0
  const start = Date.now()
  const timer = setInterval(() => {
    while ((n + 1) * everyMs <= Date.now() - start) server.push({ n: (n += 1) })
  }, everyMs / 2)
  return () => {
    clearInterval(timer)
    return n
  }
}

/** How many of `count` did not come, and how many came again. */
async function compare(arena, count) {
  const { events } = await arena.seen()
  const numbers = events.flatMap(({ message }) => (Number.isInteger(message?.n) ? [message.n] : []))
  const distinct = new Set(numbers).size
  const isTold = events.some(({ kind }) => kind === 'gap')
  return { lost: count - distinct, twice: numbers.length - distinct, isTold, count }
}

export const lifetime = {
  id: 'lifetime',
  name: 'The service ends each connection',
  done: 'The server closes each socket after 6 s with 1001 (API Gateway: after two hours), and pushes 20 messages a second for 20 s.',
  counts: 'Messages lost of 400: none, and none twice.',
  async play(arena) {
    // Longer than the 5 s after which most clients take a connection for stable.
    arena.server.lifeMs = 6_000
    await arena.make({ life: { ms: 6_000, earlyMs: 3_000, drainMs: 500 } })
    await arena.call('open')
    await arena.untilOpen(10_000)
    const stop = pushNumbers(arena.server, 50)
    await sleep(20_000)
    const count = stop()
    // The last ones, if it has to come back for them.
    await arena.untilOpen(6_000)
    await sleep(1_000)
    return lossOf(await compare(arena, count))
  },
}

export const cut = {
  id: 'cut',
  name: 'A connection is cut while messages come',
  done: 'Nobody gets through to the server for 1 s, which goes on pushing 20 messages a second.',
  counts: 'Messages lost: none. ~ for telling the app that some may be.',
  async play(arena) {
    await arena.begin()
    await sleep(500)
    const stop = pushNumbers(arena.server, 50)
    await sleep(1_000)
    await takeDown(arena)
    await sleep(1_000)
    await arena.proxy.heal()
    if ((await arena.untilOpen(10_000)) === null) {
      stop()
      return bad('stays down')
    }
    await sleep(1_000)
    const count = stop()
    await sleep(500)
    return lossOf(await compare(arena, count))
  },
}

function lossOf(raw) {
  const { lost, twice, isTold } = raw
  if (lost === 0 && twice === 0) return good('0 lost', raw)
  const text = twice > 0 ? `${lost} lost, ${twice} twice` : `${lost} lost`
  return isTold ? fair(`${text}, says so`, raw) : bad(text, raw)
}
