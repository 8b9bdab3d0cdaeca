import { bad, fair, good, sleep } from '../support/result.mjs'

export const listenerThrows = {
  id: 'listener-throws',
  name: 'A listener throws',
  done: 'Of two listeners to messages the first one throws once.',
  counts: 'The second one hears the message, and the client works on.',
  async play(arena) {
    await arena.make()
    await arena.page.evaluate(() => {
      window.heard = 0
      let throws = true
      window.it.client.listen(() => {
        if (!throws) return
        throws = false
        throw new Error('on purpose')
      })
      window.it.client.listen(() => (window.heard += 1))
    })
    await arena.call('open')
    await arena.untilOpen(10_000)
    await sleep(300)
    arena.server.push({ n: 1 })
    await sleep(500)
    const heard = await arena.page.evaluate(() => window.heard)
    const works = await arena.works(5_000)
    if (!works) return bad('breaks the client', { heard })
    return heard > 0 ? good('both hear', { heard }) : fair('the second hears nothing', { heard })
  },
}

export const strictMode = {
  id: 'strict-mode',
  name: 'React’s StrictMode',
  done: 'A component with the hook is mounted in StrictMode for 1.5 s, then unmounted; 2 s later we count.',
  counts: 'One socket was made, and none is left.',
  async play(arena) {
    await arena.page.evaluate(
      (place) => void (window.unmount = window.score.mountStrictly(place)),
      arena.place,
    )
    await sleep(1_500)
    const mounted = await arena.seen()
    await arena.page.evaluate(() => window.unmount())
    await sleep(2_000)
    const { live } = await arena.seen()
    const made = mounted.attempts.length
    const raw = { made, whileMounted: mounted.live, live }
    if (mounted.live !== 1 || live > 0) return bad(`${made} made, ${live} left`, raw)
    return (made === 1 ? good : fair)(`${made} made, 0 left`, raw)
  },
}
