import { bad, fair, good, seconds, sleep } from '../support/result.mjs'

export const tokenRejects = {
  id: 'token-rejects',
  name: 'The token function rejects once',
  done: 'The first token request fails, further ones succeed.',
  counts: 'Connected, and after how long: within 10 s.',
  async play(arena) {
    await arena.make({ tokens: ['reject'] })
    await arena.call('open')
    const ms = await arena.untilOpen(10_000)
    const { uncaught } = await arena.seen()
    const suffix = uncaught.length > 0 ? ', unhandled rejection' : ''
    if (ms === null || !(await arena.works(5_000))) return bad(`never${suffix}`, { uncaught })
    return good(seconds(ms) + suffix, { ms, uncaught })
  },
}

export const tokenHangs = {
  id: 'token-hangs',
  name: 'The token function never settles',
  done: 'The first token request never settles, further ones succeed. After 20 s the app closes and opens the client.',
  counts: 'Connected by itself, and after how long. ~ if closing and opening helps.',
  async play(arena) {
    await arena.make({ tokens: ['hang'] })
    await arena.call('open')
    const ms = await arena.untilOpen(20_000)
    if (ms !== null) return good(seconds(ms), { ms })
    await arena.call('close')
    await sleep(100)
    await arena.call('open')
    const helped = await arena.untilOpen(5_000)
    return helped === null ? bad('never, nor after close and open') : fair('only after close and open')
  },
}

export const closeWhilePending = {
  id: 'close-while-pending',
  name: '`close()` while the token is pending',
  done: 'The app closes the client while the token is being fetched; then the token comes.',
  counts: 'No socket is left, and the app hears of no error.',
  async play(arena) {
    await arena.make({ tokens: [600] })
    await arena.call('open')
    await sleep(200)
    await arena.call('close')
    const { now } = await arena.seen()
    await sleep(3_000)
    const { live, events, isOpen, attempts } = await arena.seen()
    const raw = { live, events, attempts }
    if (live > 0 || isOpen) return bad(`${live} socket left open`, raw)
    const late = events.filter(({ at, kind }) => at > now && kind === 'error')
    if (late.length > 0) return fair('an error later', raw)
    return good('nothing left', raw)
  },
}

/** When it does what, in milliseconds. */
const FLAPS = [
  ['open', 0],
  ['close', 100],
  ['open', 200],
  ['close', 300],
  ['open', 800],
]

export const flapping = {
  id: 'flapping',
  name: 'open, close, open, close, open',
  done: 'The app opens and closes the client twice and opens it again; the first token comes while it is closed.',
  counts: 'It works, and one socket is live 6 s later.',
  async play(arena) {
    await arena.make({ tokens: Array(9).fill(500) })
    await arena.page.evaluate((times) => {
      for (const [method, at] of times) setTimeout(() => window.it.client[method](), at)
    }, FLAPS)
    await sleep(1_000)
    await arena.untilOpen(6_000)
    await sleep(1_000)
    const works = await arena.works(5_000)
    const { live } = await arena.seen()
    if (!works) return bad('never connects', { live })
    return (live === 1 ? good : bad)(live === 1 ? '1 socket' : `${live} sockets`, { live })
  },
}
