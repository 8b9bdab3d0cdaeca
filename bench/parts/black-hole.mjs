import { faults } from '../../chaos/support/faults.mjs'
import { clients } from '../../scoreboard/clients.mjs'
import { sleep } from '../../scoreboard/support/result.mjs'
import { median, withBest } from '../recovery/compare.mjs'
import { playTries } from '../recovery/play.mjs'

/** As many heartbeat frames a minute, both ways, for everybody. */
const FRAMES_PER_MINUTE = 12
/** Time for an answer, where all have the same. */
const TIMEOUT_MS = 5_000
const TRIES = 16
const LIMIT_MS = 90_000

/**
 * Who has heartbeats: of how many frames each is, and for how long an answer is waited for by default, in
 * milliseconds: a number, or a function of how often one is sent. Phoenix has no option for that.
 */
const HEARTBEATS = {
  everwire: { frames: 2 },
  // Counted from the last message.
  'react-use-websocket:documented': { frames: 2, timeoutMs: (everyMs) => 60_000 - everyMs },
  'graphql-ws:documented': { frames: 2, timeoutMs: () => 5_000 },
  centrifuge: { frames: 2, timeoutMs: () => 10_000 },
  'socket.io': { frames: 2, timeoutMs: () => 20_000 },
  phoenix: { frames: 2, timeoutMs: (everyMs) => everyMs },
  ably: { frames: 1, timeoutMs: () => 10_000 },
}

const OWN = 'each waits for an answer as long as by default'
const SAME = `all wait ${TIMEOUT_MS / 1_000} s for an answer`
const NOTICED = 'noticed after'
const TRAFFIC = 'heartbeat frames a minute'
const COMPARED = 'median, divided by that of the fastest other'

/** The network breaks once in each equal part of the time from one heartbeat to the next. */
const phases = (count) => Array.from({ length: count }, (_, i) => (i + 0.5) / count)

function triesOf({ id }, count) {
  const kind = HEARTBEATS[id]
  if (!kind) return phases(count).map((phase) => ({ case: OWN, phase, everyMs: 10_000 }))
  const everyMs = (60_000 / FRAMES_PER_MINUTE) * kind.frames
  const own = { everyMs, timeoutMs: kind.timeoutMs?.(everyMs) }
  return phases(count).flatMap((phase) => [
    { case: OWN, phase, everyMs, heartbeat: own },
    { case: SAME, phase, everyMs, heartbeat: { everyMs, timeoutMs: TIMEOUT_MS } },
  ])
}

/** A heartbeat, so that the phase counts from there; not waited for longer than three should take. */
async function nextFrame({ frames }, everyMs) {
  const { length } = frames
  const late = Date.now() + 3 * everyMs
  while (frames.length === length && Date.now() < late) await sleep(10)
}

async function play(arena, { phase, everyMs, heartbeat }) {
  if (heartbeat) arena.server.heartbeat = heartbeat
  await arena.begin({ heartbeat })
  // What is said at the beginning is over.
  await sleep(1_000)
  const from = arena.server.frames.length
  await sleep(2 * everyMs)
  const perMinute = ((arena.server.frames.length - from) * 60_000) / (2 * everyMs)
  if (perMinute > 0) await nextFrame(arena.server, everyMs)
  await sleep(phase * everyMs)
  arena.proxy.live(faults.blackHole())
  const ms = (await arena.untilNotOpen(LIMIT_MS)) ?? undefined
  arena.proxy.live(faults.reset())
  return { ms, perMinute }
}

function measuresOf(id, name, results) {
  if (results.length === 0) return []
  const common = { case: name, subject: id }
  const isNoticed = results.every(({ ms }) => ms !== undefined)
  const seconds = results.map(({ ms }) => ms / 1_000)
  const of = (metric, samples) => ({
    ...common,
    metric,
    unit: 's',
    ...(isNoticed ? { samples } : { text: `not in ${LIMIT_MS / 1_000} s` }),
  })
  return [
    of(NOTICED, seconds),
    of(`${NOTICED}, worst`, [Math.max(...seconds)]),
    { ...common, metric: TRAFFIC, unit: '', samples: results.map(({ perMinute }) => perMinute) },
  ]
}

export const blackHole = {
  id: 'black-hole',
  title: 'A dead link noticed, at equal heartbeat traffic',
  minutes: 5,
  packages: clients.flatMap(({ packages }) => packages),
  browsers: ['chromium'],
  targets: [{ metric: COMPARED, subject: 'everwire', atMost: 1 }],
  async run({ quick, log }) {
    const count = quick ? 2 : TRIES
    const results = await playTries({
      clients,
      triesOf: (client) => triesOf(client, count),
      pagesEach: quick ? 4 : 8,
      play,
      log,
    })
    const cases = [OWN, SAME]
    const resultsOf = (id, name) => results.get(id).filter((result) => result.case === name)
    const figureOf = (id, name) => {
      const times = resultsOf(id, name).map(({ ms }) => ms)
      return times.length > 0 && !times.includes(undefined) ? median(times) : undefined
    }
    return [
      ...clients.flatMap(({ id }) => cases.flatMap((name) => measuresOf(id, name, resultsOf(id, name)))),
      ...withBest({ metric: COMPARED, cases, clients, figureOf }),
    ]
  },
}
