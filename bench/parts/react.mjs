import { bundleFolder } from '../../e2e/support/bundle.mjs'
import { serve } from '../../e2e/support/site.mjs'
import { Server } from '../../pkg/tests/server.mjs'
import { until } from '../../pkg/tests/watch.mjs'
import { stream } from '../react/stream.mjs'
import { Chromium } from '../support/chromium.mjs'

const PER_SECOND = 10_000
const SECONDS = 5
/** Before anything is measured, so that what is hot is compiled. */
const WARM_UP = 5_000
/** When nothing else has been shown for so long, what is missing is lost. */
const PATIENCE_MS = 500
const REPETITIONS = 7

const [LATEST, MESSAGES] = ['everwire, useLatest', 'everwire, useMessages']
const PLAIN = 'a plain socket, one state per frame'
/** Apps in bench/react/apps/, by the names of their subjects. */
const APPS = {
  [LATEST]: 'everwire-latest',
  [MESSAGES]: 'everwire-messages',
  'everwire, useMessage and useState': 'everwire-message',
  'react-use-websocket': 'react-use-websocket',
  'react-use-websocket, filter and onMessage': 'react-use-websocket-filtered',
  'partysocket/react': 'partysocket',
  [PLAIN]: 'plain-socket',
}
const SUBJECTS = Object.keys(APPS)
const OURS = SUBJECTS.filter((subject) => subject.startsWith('everwire'))

const [LOST, RENDERS, BUSY] = ['messages lost', 'renders per frame', 'main thread busy']
const UNITS = {
  [LOST]: '',
  [RENDERS]: '',
  'frames painted': '/s',
  [BUSY]: 's',
  'the last one shown after': 'ms',
}

/** See parts/index.mjs. */
export const react = {
  id: 'react',
  title: `React: ${PER_SECOND.toLocaleString('en')} messages/s for ${SECONDS} s into one component`,
  minutes: 6,
  packages: ['everwire', 'react', 'react-use-websocket', 'partysocket'],
  browsers: ['chromium'],
  targets: [
    ...OURS.map((subject) => ({ metric: LOST, subject, atMost: 0 })),
    // With useMessage the app renders, and not the hook.
    ...[LATEST, MESSAGES].map((subject) => ({ metric: RENDERS, subject, atMost: 1 })),
    ...OURS.map((subject) => ({ metric: BUSY, subject, of: 'react-use-websocket', atMost: 0.5 })),
  ],
  run,
}

async function run({ quick, log }) {
  const server = await Server.start()
  const site = await serve({ '/': await bundleFolder('bench/react', 'production') })
  const browser = await Chromium.start()
  const runs = []
  try {
    for (let repetition = 0; repetition < (quick ? 1 : REPETITIONS); repetition += 1) {
      for (const subject of SUBJECTS)
        runs.push({
          subject,
          figures: await measure({ browser, site, server }, subject, quick ? 1 : SECONDS),
        })
      log(`${repetition + 1} of ${quick ? 1 : REPETITIONS}`)
    }
  } finally {
    await browser.stop()
    await site.stop()
    await server.stop()
  }
  return measuresOf(runs)
}

/** Every figure of every subject, and what the main thread does beyond what the browser itself has it do. */
function measuresOf(runs) {
  const samplesOf = (subject, metric) =>
    runs.filter((run) => run.subject === subject).map(({ figures }) => figures[metric])
  const floor = samplesOf(PLAIN, BUSY)
  const more = (subject) => samplesOf(subject, BUSY).map((busy, repetition) => busy - floor[repetition])
  const series = [
    ...Object.keys(UNITS).flatMap((metric) =>
      SUBJECTS.map((subject) => ({ metric, subject, samples: samplesOf(subject, metric) })),
    ),
    ...SUBJECTS.filter((subject) => subject !== PLAIN).map((subject) => ({
      ...{ metric: `${BUSY} beyond that of the plain socket`, subject },
      samples: more(subject),
    })),
  ]
  const name = `${PER_SECOND.toLocaleString('en')} messages/s`
  return series.map((one) => ({ case: name, unit: UNITS[one.metric] ?? 's', ...one }))
}

/** One app in a page of its own. */
async function measure({ browser, site, server }, subject, seconds) {
  const count = PER_SECOND * seconds
  const page = await browser.open(
    `${site.url}?${new URLSearchParams({ app: APPS[subject], url: server.url })}`,
  )
  try {
    // The main thread's own processor time, whatever else the machine does.
    await page.send('Performance.enable', { timeDomain: 'threadTicks' })
    await until(() => server.sockets.size === 1, 'a connection')
    await stream(server, { count: WARM_UP, perSecond: PER_SECOND })
    await page.until(isShown, WARM_UP, PATIENCE_MS)
    const before = await look(page)
    await stream(server, { count, perSecond: PER_SECOND })
    const sentAt = Date.now()
    await page.until(isShown, before.shown + count, PATIENCE_MS)
    const after = await look(page)
    const frames = after.frames - before.frames
    return {
      [LOST]: before.shown + count - after.shown,
      [RENDERS]: (after.renders - before.renders) / frames,
      'frames painted': frames / (after.at - before.at),
      [BUSY]: after.busy - before.busy,
      'the last one shown after': after.shownAt - sentAt,
    }
  } finally {
    await page.close()
    server.cutSockets()
  }
}

/** Runs in the page: whether it shows that it got `count` messages, or no more come. */
function isShown(count, patienceMs) {
  const { shown, shownAt } = globalThis.counts
  return shown >= count || Date.now() - shownAt > patienceMs
}

async function look(page) {
  const { metrics } = await page.send('Performance.getMetrics')
  const { value: busy } = metrics.find(({ name }) => name === 'ThreadTime')
  return { busy, at: Date.now() / 1000, ...(await page.evaluate(() => globalThis.counts)) }
}
