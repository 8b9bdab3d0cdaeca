import { faults } from '../../chaos/support/faults.mjs'
import { HEARTBEAT } from '../support/arena.mjs'
import { bad, fair, good, seconds, sleep } from '../support/result.mjs'

const WINDOW_MS = 10_500

/** Frames in both directions and a minute, with nobody saying anything else. */
async function trafficOf({ server }, isPush = () => false) {
  const from = server.frames.length
  await sleep(WINDOW_MS)
  const frames = server.frames.slice(from).filter((frame) => !isPush(frame)).length
  return Math.round((frames * 60_000) / WINDOW_MS)
}

async function beginWithHeartbeat(arena) {
  arena.server.heartbeat = HEARTBEAT
  await arena.begin({ heartbeat: HEARTBEAT })
}

export const blackHole = {
  id: 'black-hole',
  name: 'A dead connection',
  done: 'Heartbeats where there are any, every 3 s with 2 s to answer. The network then swallows everything; new connections work.',
  counts: 'It works again, and after how long: within 12 s. Beside it: heartbeat frames a minute, both ways.',
  async play(arena) {
    await beginWithHeartbeat(arena)
    const traffic = await trafficOf(arena)
    arena.proxy.live(faults.blackHole())
    const found = await arena.untilNotOpen(14_000)
    const raw = { traffic, found }
    if (found === null) return bad('not found in 14 s', raw)
    const ms = await arena.untilOpen(6_000)
    if (ms === null) return bad(`found after ${seconds(found)}, stays down`, raw)
    const text = `${seconds(found + ms)}, ${traffic}/min`
    return (found + ms < 12_000 ? good : fair)(text, { ...raw, ms })
  },
}

export const busy = {
  id: 'busy',
  name: 'Heartbeats on a busy connection',
  done: 'The same heartbeats, while the server pushes 5 messages a second.',
  counts:
    'Heartbeat frames a minute, both ways: none, since every message is a sign of life (and each is billed).',
  async play(arena) {
    await beginWithHeartbeat(arena)
    await sleep(500)
    let pushed = 0
    const timer = setInterval(() => (arena.server.push({ news: true }), (pushed += 1)), 200)
    await sleep(500)
    const before = { frames: arena.server.frames.length, pushed }
    await sleep(WINDOW_MS)
    clearInterval(timer)
    const frames = arena.server.frames.length - before.frames - (pushed - before.pushed)
    const perMinute = Math.max(0, Math.round((frames * 60_000) / WINDOW_MS))
    return (perMinute <= 1 ? good : fair)(`${perMinute}/min`, { frames })
  },
}

export const sentIntoBlackHole = {
  id: 'sent-into-black-hole',
  name: 'A message into a dead connection',
  done: 'As above, and a message is sent after the network has begun to swallow everything.',
  counts: 'What the client says of the message, which is lost: failed or unknown. ~ for no claim at all.',
  async play(arena) {
    await beginWithHeartbeat(arena)
    arena.proxy.live(faults.blackHole())
    await arena.page.evaluate(() => void window.it.send({ action: 'echo', id: 'lost' }, { isSure: true }))
    await sleep(12_000)
    const { outcomes } = await arena.seen()
    const { says } = outcomes.find(({ id }) => id === 'lost')
    const arrived = arena.server.received.some(({ id }) => id === 'lost')
    return opinionOf(says, arrived)
  },
}

function opinionOf(says, arrived) {
  const raw = { says, arrived }
  if (says === true || says === 'handed-over') return bad(`says ${says}`, raw)
  if (says === 'answered' && arrived) return good('sent again, arrives', raw)
  if (says === undefined || says === null) return fair('says nothing', raw)
  return good(String(says).replace('failed: ', ''), raw)
}
