import { clients } from '../../scoreboard/clients.mjs'
import { takeDown } from '../../scoreboard/scenarios/losses.mjs'
import { sleep } from '../../scoreboard/support/result.mjs'
import { median, withBest } from '../recovery/compare.mjs'
import { playTries } from '../recovery/play.mjs'

/** For how long nobody listens, in milliseconds: around this, see `outages`. */
const LENGTHS = [300, 1_000, 3_000, 10_000]
const TRIES = 16
/** Longer than the 10 s after which Everwire takes a connection for healthy, and others after 5 s. */
const STEADY_MS = 11_000
/** Who is not back so long after the server is taken for gone. */
const LIMIT_MS = 45_000
/** Attempts a second from which on it counts as one: who waits 1 s after each failure makes 0.96 to 0.99. */
const ONE_PER_SECOND = 0.9

const ALL = 'all of them'
const BACK = 'back after the server'
const RATE = 'attempts a second without a connection'
const COMPARED = 'median, divided by that of the fastest other that stays under one attempt a second'

const caseOf = (lengthMs) => `down for about ${lengthMs / 1_000} s`

/**
 * Lengths spread evenly, on a scale of factors, from one of LENGTHS half of the way to the next: a fixed length
 * would favour those who happen to have a retry just after it.
 */
function outages(count) {
  const half = (10 / 3) ** 0.5
  return Array.from({ length: count }, (_, i) => half ** ((2 * i + 1) / count - 1)).flatMap((factor) =>
    LENGTHS.map((lengthMs) => ({ case: caseOf(lengthMs), downMs: lengthMs * factor })),
  )
}

async function play(arena, { downMs }) {
  await arena.begin()
  await sleep(STEADY_MS)
  const { attempts: before } = await arena.seen()
  const lostAt = Date.now()
  await takeDown(arena)
  await sleep(downMs)
  await arena.proxy.heal()
  const healedAt = Date.now()
  const openAt = await arena.openAt(LIMIT_MS)
  if (openAt === null || !(await arena.works(5_000))) return {}
  const attempts = (await arena.seen()).attempts.slice(before.length)
  return { ms: openAt - healedAt, withoutMs: openAt - lostAt, attempts }
}

/** The most attempts in any second. */
const inWorstSecond = (attempts) =>
  Math.max(...attempts.map((from) => attempts.filter((at) => at >= from && at < from + 1_000).length))

/** What a client did in the outages of one case. */
class Record {
  constructor(results) {
    this.back = results.filter(({ ms }) => ms !== undefined)
    this.isAlwaysBack = this.back.length === results.length
    this.text = `stays down ${results.length - this.back.length} times of ${results.length}`
  }

  get seconds() {
    return this.back.map(({ ms }) => ms / 1_000)
  }

  get rate() {
    const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)
    return (
      sum(this.back.map(({ attempts }) => attempts.length)) /
      (sum(this.back.map(({ withoutMs }) => withoutMs)) / 1_000)
    )
  }
}

function measuresOf(id, name, record) {
  const of = (metric, unit, samples) => ({
    case: name,
    metric,
    unit,
    subject: id,
    ...(record.isAlwaysBack ? { samples } : { text: record.text }),
  })
  const { back, seconds, rate } = record
  return [
    of(BACK, 's', seconds),
    of(`${BACK}, worst`, 's', [Math.max(...seconds)]),
    of(
      'attempts until it was back',
      '',
      back.map(({ attempts }) => attempts.length),
    ),
    of(RATE, '', [rate]),
    of('attempts in the worst second', '', [
      Math.max(...back.map(({ attempts }) => inWorstSecond(attempts))),
    ]),
  ]
}

export const restart = {
  id: 'restart',
  title: 'Back after the server restarts: each client with its defaults',
  minutes: 7,
  packages: clients.flatMap(({ packages }) => packages),
  browsers: ['chromium'],
  targets: [{ metric: COMPARED, subject: 'everwire', atMost: 1 }],
  async run({ quick, log }) {
    const results = await playTries({
      clients,
      triesOf: () => outages(quick ? 1 : TRIES),
      pagesEach: quick ? 2 : 5,
      play,
      log,
    })
    const cases = [...LENGTHS.map(caseOf), ALL]
    const recordOf = (id, name) =>
      new Record(results.get(id).filter((result) => name === ALL || result.case === name))
    const stays = (id) => recordOf(id, ALL).isAlwaysBack && recordOf(id, ALL).rate < ONE_PER_SECOND
    const figureOf = (id, name) => {
      if (id === 'everwire' || stays(id)) return median(recordOf(id, name).seconds)
    }
    return [
      ...clients.flatMap(({ id }) => cases.flatMap((name) => measuresOf(id, name, recordOf(id, name)))),
      ...withBest({ metric: COMPARED, cases, clients, figureOf }),
    ]
  },
}
