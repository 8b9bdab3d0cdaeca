import { startEngine } from '../../chaos/support/engines.mjs'
import { inRoot } from '../../scripts/repository.mjs'
import { startServer } from '../message/server.mjs'
import { CLIENTS, serveClientPages } from '../support/client-pages.mjs'
import { cpuMs } from '../support/cpu.mjs'

/** The browser's own, without a client. */
const ALONE = 'WebSocket'
const SUBJECTS = [...CLIENTS, ALONE]
const BROWSERS = { chromium: 'Chromium', firefox: 'Firefox' }

/** Messages of these sizes; a turn dispatches `rounds` × `perRound` of them, some tens of milliseconds altogether. */
const SIZES = [
  { name: '150 B', bytes: 150, rounds: 20, perRound: 500 },
  { name: '16 KB', bytes: 16_384, rounds: 20, perRound: 40 },
]

/** So many turns until the browsers have compiled what runs often. */
const WARM_UP = 5

const FLOOD = { bytes: 150, count: 50_000 }

export const message = {
  id: 'message',
  title: 'A message, from onmessage to the listener',
  minutes: 5,
  packages: ['everwire', 'partysocket', 'reconnecting-websocket'],
  browsers: Object.keys(BROWSERS),
  targets: [
    { metric: 'CPU per message', subject: 'everwire', of: 'hand-written', atMost: 1.1 },
    { metric: 'CPU per message', subject: 'everwire', of: 'partysocket', atMost: 0.6 },
    { metric: '50,000 messages over loopback', subject: 'everwire', of: 'hand-written', atMost: 1.02 },
  ],
  async run({ quick, log }) {
    const server = await startServer()
    const site = await serveClientPages('message', {
      [ALONE]: inRoot('bench', 'message', 'web-socket.js'),
    })
    try {
      const measures = []
      for (const name of Object.keys(BROWSERS))
        measures.push(await inBrowser(name, { site, server, quick, log }))
      return measures.flat()
    } finally {
      await site.stop()
      await server.stop()
    }
  },
}

async function inBrowser(name, { site, server, quick, log }) {
  const engine = await startEngine(name)
  try {
    await engine.load(`${site.url}source/stage.html`)
    await engine.run((clients, url) => window.stage.setUp(clients, url), SUBJECTS, server.url)
    log(`${BROWSERS[name]}: dispatching`)
    const dispatched = await dispatching(engine, quick ? 2 : 31)
    log(`${BROWSERS[name]}: over loopback`)
    return [...dispatched, ...(await flooding(engine, quick ? 1 : 15))]
  } finally {
    await engine.close()
  }
}

async function dispatching(engine, repetitions) {
  const series = new Series(engine)
  const turn = (clients, { bytes, rounds, perRound }) =>
    engine.run((...args) => window.stage.dispatchInTurn(...args), clients, bytes, rounds, perRound)
  for (const size of SIZES) {
    for (let i = 0; i < WARM_UP; i += 1) await turn(SUBJECTS, size)
    for (let i = 0; i < repetitions; i += 1) {
      const each = await turn(rotated(SUBJECTS, i), size)
      for (const client of SUBJECTS) series.add(size.name, 'CPU per message', 'µs', client, each[client])
    }
  }
  return series.measures
}

async function flooding(engine, repetitions) {
  const series = new Series(engine)
  const { bytes, count } = FLOOD
  for (let i = -1; i < repetitions; i += 1) {
    for (const client of rotated(SUBJECTS, i + 1)) {
      const before = cpuMs(engine.pid)
      const wall = await engine.run((...args) => window.stage.flood(...args), client, bytes, count)
      const cpu = cpuMs(engine.pid) - before
      // The first time warms up.
      if (i < 0) continue
      series.add('150 B', '50,000 messages over loopback', 'ms', client, wall)
      series.add('150 B', "the browser's CPU meanwhile", 'ms', client, cpu)
    }
  }
  return series.measures
}

/** Collects samples. */
class Series {
  measures = []
  #browser

  constructor({ name }) {
    this.#browser = BROWSERS[name]
  }

  add(size, metric, unit, subject, sample) {
    const place = `${size}, ${this.#browser}`
    const known = this.measures.find(
      (measure) => measure.case === place && measure.metric === metric && measure.subject === subject,
    )
    if (known) known.samples.push(sample)
    else this.measures.push({ case: place, metric, unit, subject, samples: [sample] })
  }
}

/** Each begins as often as the others, so that none always comes after the same. */
function rotated(list, turns) {
  const start = turns % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}
