import { startEngine } from '../../chaos/support/engines.mjs'
import { startServer } from '../message/server.mjs'
import { CLIENTS, serveClientPages } from '../support/client-pages.mjs'

const BROWSERS = { chromium: 'Chromium', firefox: 'Firefox' }
/** What is measured, by what bench/open/page.js calls it, and how much longer than by hand it may take, in milliseconds. */
const METRICS = {
  first: { metric: 'from open() to the socket, the first time in a page', atMost: 15 },
  another: { metric: 'from open() to the socket, another client later', atMost: 1 },
  again: { metric: 'from open() to the socket, again after close()', atMost: 1 },
}
const TOKENS = { 'token at once': 0, 'token after 50 ms': 50 }
const REPETITIONS = 21

/** See parts/index.mjs. */
export const open = {
  id: 'open',
  title: 'From open() to the socket',
  minutes: 3,
  packages: ['everwire', 'partysocket', 'reconnecting-websocket'],
  browsers: Object.keys(BROWSERS),
  targets: Object.values(METRICS).map((bound) => ({
    ...bound,
    ...{ subject: 'everwire', of: 'hand-written', difference: true },
  })),
  async run({ quick, log }) {
    const server = await startServer()
    const site = await serveClientPages('open')
    const series = new Map()
    try {
      for (const browser of Object.keys(BROWSERS)) {
        log(BROWSERS[browser])
        await inBrowser(browser, { site, server, series, repetitions: quick ? 1 : REPETITIONS })
      }
    } finally {
      await site.stop()
      await server.stop()
    }
    return [...series.values()]
  },
}

async function inBrowser(browser, { site, server, series, repetitions }) {
  const engine = await startEngine(browser)
  try {
    // The first time warms up the browser itself.
    for (let i = -1; i < repetitions; i += 1) {
      for (const [token, tokenMs] of Object.entries(TOKENS)) {
        for (const client of CLIENTS) {
          await engine.load(`${site.url}${client}/`)
          const took = await engine.run((...args) => window.bench.open(...args), server.url, tokenMs)
          if (i < 0) continue
          for (const [key, { metric }] of Object.entries(METRICS))
            add(series, {
              name: `${token}, ${BROWSERS[browser]}`,
              metric,
              subject: client,
              sample: took[key],
            })
        }
      }
    }
  } finally {
    await engine.close()
  }
}

function add(series, { name, metric, subject, sample }) {
  const key = `${metric} ${name} ${subject}`
  const measure = series.get(key) ?? { case: name, metric, unit: 'ms', subject, samples: [] }
  measure.samples.push(sample)
  series.set(key, measure)
}
