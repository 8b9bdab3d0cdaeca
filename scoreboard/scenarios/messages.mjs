import { faults } from '../../chaos/support/faults.mjs'
import { bad, fair, good, sleep } from '../support/result.mjs'

export const oversized = {
  id: 'oversized',
  name: 'A message that is too large',
  done: 'A message of 40,000 bytes goes to a server that answers it with close code 1009.',
  counts:
    'It is not sent again and again, and the client works afterwards. ~ if the connection is lost for it.',
  async play(arena) {
    await arena.begin()
    await arena.send({ action: 'echo', id: 'large', filling: 'x'.repeat(40_000) })
    await sleep(12_000)
    const { oversized } = arena.server
    const raw = { oversized, outcomes: (await arena.seen()).outcomes }
    if (oversized > 1) return bad(`sent ${oversized} times`, raw)
    if (!(await arena.works(5_000))) return bad('ends it', raw)
    return oversized === 0 ? good('refused before', raw) : fair('reconnects', raw)
  },
}

export const whileDown = {
  id: 'while-down',
  name: 'Messages sent while there is no connection',
  done: 'Three messages are sent 0.5 s after the connection is lost; the server is back 1 s later.',
  counts: 'All arrive, once and in order, or the app is told that they do not.',
  async play(arena) {
    await arena.begin()
    await arena.proxy.refuse()
    arena.proxy.live(faults.reset())
    await sleep(500)
    for (const id of ['a', 'b', 'c']) await arena.send({ action: 'echo', id })
    await sleep(1_000)
    await arena.proxy.heal()
    await arena.untilOpen(12_000)
    await sleep(1_500)
    const came = arena.server.received.map(({ id }) => id).filter((id) => 'abc'.includes(id))
    const { outcomes } = await arena.seen()
    const failed = outcomes.filter(({ says }) => String(says).startsWith('failed')).length
    if (came.join('') === 'abc') return good('all, in order', came)
    if (came.length + failed >= 3)
      return fair(`${came.length} arrive, ${failed} told failed`, { came, outcomes })
    return bad(`${came.length} arrive`, { came, outcomes })
  },
}

export const badJson = {
  id: 'bad-json',
  name: 'A frame that is not JSON',
  done: 'The server sends `not json {`, then a good message.',
  counts: 'The app is told by an event, and the good message comes.',
  async play(arena) {
    await arena.begin()
    arena.server.pushRaw('not json {')
    arena.server.push({ n: 1 })
    await sleep(1_000)
    // Some give up the connection for it, and are back.
    await arena.untilOpen(6_000)
    await sleep(500)
    arena.server.push({ n: 2 })
    await sleep(500)
    const { events, uncaught } = await arena.seen()
    const came = events.filter(({ message }) => message?.n).length
    const isTold = events.some(({ kind, says }) => kind === 'error' && says)
    const isGarbled = events.some(({ text }) => text === 'not json {')
    const raw = { came, events: events.slice(-5), uncaught }
    if (came === 0) return bad('nothing comes any more', raw)
    if (isTold) return (came === 2 ? good : fair)(came === 2 ? 'an event' : 'an event, loses a message', raw)
    if (events.some(({ kind }) => kind === 'close')) return fair('reconnects', raw)
    if (isGarbled) return fair('a message `{}`', raw)
    return fair(uncaught.length > 0 ? 'an uncaught error' : 'says nothing', raw)
  },
}
