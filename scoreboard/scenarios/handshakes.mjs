import { faults } from '../../chaos/support/faults.mjs'
import { bad, fair, good, seconds, sleep } from '../support/result.mjs'

export const refused = {
  id: 'refused',
  name: 'A handshake is refused',
  done: 'The handshake is answered with HTTP 401.',
  counts: 'The app is told of a failure, and never of a clean close (browsers say 1006, not clean).',
  async play(arena) {
    arena.proxy.always(faults.answer(401))
    await arena.make()
    await arena.call('open')
    await sleep(1_500)
    const { events } = await arena.seen()
    const told = events.filter(({ kind }) => kind === 'close' || kind === 'error')
    if (told.length === 0) return bad('says nothing', events)
    const closes = told.filter(({ kind }) => kind === 'close')
    const false_ = closes.find(({ code, wasClean }) => code === 1000 || wasClean || typeof code === 'string')
    if (false_) return bad(`code ${JSON.stringify(false_.code)}${false_.wasClean ? ', clean' : ''}`, told)
    const code = closes.find(({ code }) => code)?.code
    return good(String(code ?? told.find(({ says }) => says)?.says), told)
  },
}

export const unanswered = {
  id: 'unanswered',
  name: 'A handshake is not answered',
  done: 'The first connection is accepted and gets no answer; further ones work.',
  counts: 'Connected, and after how long: within 20 s.',
  async play(arena) {
    arena.proxy.next(1, faults.blackHole())
    await arena.make()
    await arena.call('open')
    const ms = await arena.untilOpen(20_000)
    if (ms === null || !(await arena.works(5_000))) return bad('not in 20 s')
    return good(seconds(ms), { ms })
  },
}

export const reconnectInBackoff = {
  id: 'reconnect-in-backoff',
  name: '`reconnect()` during a wait',
  done: 'After 6 s of refused handshakes the server is back, and the app calls `reconnect()` in the middle of a wait.',
  counts: 'A new attempt at once: within 300 ms.',
  async play(arena) {
    await arena.begin()
    await arena.proxy.refuse()
    arena.proxy.live(faults.reset())
    await sleep(6_000)
    await untilItWaits(arena)
    await arena.proxy.heal()
    const { now, attempts: before } = await arena.seen()
    await arena.call('reconnect')
    await arena.untilOpen(12_000)
    const next = (await arena.seen()).attempts[before.length]
    if (next === undefined) return bad('none in 12 s')
    const ms = next - now
    return (ms < 300 ? good : bad)(ms < 300 ? 'at once' : seconds(ms), { ms })
  },
}

/** Until an attempt has just failed: the longest part of a wait is then ahead. */
async function untilItWaits(arena) {
  const count = (await arena.seen()).attempts.length
  await arena.page.evaluate(
    (count) => window.score.until(() => window.score.attempts.length > count, 12_000),
    count,
  )
  await sleep(300)
}

export const offline = {
  id: 'offline',
  name: 'Offline and online again',
  done: 'The browser goes offline and the connection is cut. After 6 s or more, in the middle of a wait, it is online.',
  counts: 'How long after the `online` event it is connected: within 2 s.',
  async play(arena) {
    await arena.begin()
    await arena.context.setOffline(true)
    await arena.proxy.refuse()
    arena.proxy.live(faults.reset())
    await sleep(6_000)
    // So that nobody is back in time by chance.
    await untilItWaits(arena)
    await arena.proxy.heal()
    await arena.context.setOffline(false)
    const ms = await arena.untilOpen(15_000)
    if (ms === null || !(await arena.works(5_000))) return bad('stays down')
    return (ms < 2_000 ? good : fair)(seconds(ms), { ms })
  },
}
