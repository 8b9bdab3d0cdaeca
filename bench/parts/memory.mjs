import { bundleFolder } from '../../e2e/support/bundle.mjs'
import { serve } from '../../e2e/support/site.mjs'
import { memoryOf } from '../memory/heap.mjs'
import { Server } from '../memory/server.mjs'
import { slopeOf } from '../memory/slope.mjs'
import { Chromium } from '../support/chromium.mjs'

const MORE_CLIENTS = 100
const PAGES = 5
/** Reconnects before the first look, until what the page keeps in caches and pools of its own is full. */
const WARM_UP = 1_000
const RECONNECTS = 10_000
const LOOK_EVERY = 1_000
const RUNS = 3

/** Kinds of clients of bench/memory/main.jsx, by the names of their subjects, and what their server has to know. */
const SUBJECTS = {
  everwire: { kind: 'everwire' },
  partysocket: { kind: 'partysocket' },
  centrifuge: { kind: 'centrifuge', clientSpeaksFirst: true },
  'a plain socket': { kind: 'plain-socket' },
}

const [FIRST, FURTHER] = ['the first client, with its code', `each of ${MORE_CLIENTS} more`]
const [HEAP, WASM, GROWTH] = ['heap', 'memory of WebAssembly', 'growth per reconnect']
const RECONNECTING = `${RECONNECTS.toLocaleString('en')} reconnects`

/**
 * What one object of nothing takes in V8 is 12 bytes: with less than that for each reconnect, none is kept. Garbage
 * that a collection happens to leave is what the rest is.
 */
const FLAT = 10

/** See parts/index.mjs. */
export const memory = {
  id: 'memory',
  title: `Memory of a connected client, and its growth over ${RECONNECTING}`,
  minutes: 4,
  packages: ['everwire', 'partysocket', 'centrifuge'],
  browsers: ['chromium'],
  targets: [
    { metric: GROWTH, subject: 'everwire', atMost: FLAT },
    ...['partysocket', 'centrifuge'].map((of) => ({
      ...{ metric: GROWTH, subject: 'everwire', of },
      ...{ difference: true, atMost: FLAT },
    })),
  ],
  run,
}

async function run({ quick, log }) {
  const site = await serve({ '/': await bundleFolder('bench/memory', 'production') })
  const browser = await Chromium.start()
  const measures = new Map()
  const note = (subject, name, metric, unit, value) => {
    const key = `${metric} ${name} ${subject}`
    if (!measures.has(key)) measures.set(key, { case: name, metric, unit, subject, samples: [] })
    measures.get(key).samples.push(value)
  }
  try {
    for (let round = 0; round < (quick ? 1 : PAGES); round += 1)
      for (const subject of Object.keys(SUBJECTS))
        await inPage({ site, browser }, SUBJECTS[subject], async ({ page }) => {
          for (const [name, shares] of Object.entries(await sharesOf(page))) {
            note(subject, name, HEAP, 'kB', shares.heapBytes / 1000)
            note(subject, name, WASM, 'kB', shares.wasmBytes / 1000)
          }
        })
    log(`${RECONNECTING} of each`)
    // Side by side: a page mostly waits for its sockets.
    const runs = Object.keys(SUBJECTS).flatMap((subject) => Array(quick ? 1 : RUNS).fill(subject))
    await Promise.all(
      runs.map((subject) =>
        inPage({ site, browser }, SUBJECTS[subject], async (place) =>
          note(subject, RECONNECTING, GROWTH, 'B', await growthOf(place, quick ? 2_000 : RECONNECTS)),
        ),
      ),
    )
  } finally {
    await browser.stop()
    await site.stop()
  }
  const places = Object.keys(SUBJECTS)
  return [...measures.values()].sort(
    (one, other) => places.indexOf(one.subject) - places.indexOf(other.subject),
  )
}

async function inPage({ site, browser }, { kind, ...needs }, work) {
  const server = await Server.start(needs)
  const page = await browser.open(`${site.url}?${new URLSearchParams({ kind, url: server.url })}`)
  try {
    await page.until(() => globalThis.addClients !== undefined)
    await work({ page, server })
  } finally {
    await page.close()
    await server.stop()
  }
}

/** What the first client adds to the memory of the page, and each further one. */
async function sharesOf(page) {
  const none = await memoryOf(page)
  await page.evaluate(() => globalThis.addClients(1))
  const one = await memoryOf(page)
  await page.evaluate((count) => globalThis.addClients(count), MORE_CLIENTS)
  const all = await memoryOf(page)
  return { [FIRST]: difference(none, one, 1), [FURTHER]: difference(one, all, MORE_CLIENTS) }
}

const difference = (before, after, clients) => ({
  heapBytes: (after.heapBytes - before.heapBytes) / clients,
  wasmBytes: (after.wasmBytes - before.wasmBytes) / clients,
})

/** By how many bytes the memory of a page with one client grows per reconnect. */
async function growthOf({ page, server }, reconnects) {
  await page.evaluate(() => globalThis.addClients(1))
  await server.sendAway(WARM_UP)
  const looks = [await look(page, 0)]
  for (let count = 0; count < reconnects; count += LOOK_EVERY) {
    await server.sendAway(LOOK_EVERY)
    looks.push(await look(page, count + LOOK_EVERY))
  }
  return slopeOf(looks)
}

async function look(page, reconnects) {
  const { heapBytes, wasmBytes } = await memoryOf(page)
  return [reconnects, heapBytes + wasmBytes]
}
