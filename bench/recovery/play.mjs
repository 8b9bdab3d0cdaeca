import { launchBrowser } from '../../e2e/support/browser.mjs'
import { Arena } from '../../scoreboard/support/arena.mjs'
import { servePages } from '../../scoreboard/support/site.mjs'

/** All at once, pages would take too long to load. */
const LOADING_AT_ONCE = 4
/** A client that did not make it so often under the same circumstances is not asked again. */
const GIVEN_UP_AFTER = 3

/**
 * Plays each try with each client, in so many pages of each client side by side in one browser: most of the time they
 * only wait.
 *
 * @param clients some of scoreboard/clients.mjs
 * @param triesOf a client's tries, which `play` gets; `case` says which of them have the same circumstances
 * @param play `async (arena, aTry) => result`, with a page that has just been loaded; a result without `ms` says that
 *   the client did not make it
 * @returns a Map of the clients' ids to their results, in no certain order, each with its `case`
 */
export async function playTries({ clients, triesOf, pagesEach, play, log }) {
  const site = await servePages([...new Set(clients.map(({ id }) => id.split(':')[0]))])
  const browser = await launchBrowser()
  const inTurn = turnstile(LOADING_AT_ONCE)
  const ofClient = async (client) => {
    const open = () => inTurn(() => Arena.open({ browser, site, client }))
    const playOne = async (arena, aTry) => {
      await inTurn(() => arena.load())
      return play(arena, aTry)
    }
    const results = await playClient({ open, tries: triesOf(client), pagesEach, playOne })
    log(`${client.id}: ${results.length} tries`)
    return [client.id, results]
  }
  try {
    return new Map(await Promise.all(clients.map(ofClient)))
  } finally {
    await browser.close()
    await site.stop()
  }
}

async function playClient({ open, tries, pagesEach, playOne }) {
  const results = []
  const isGivenUp = (name) =>
    results.filter((result) => result.case === name && result.ms === undefined).length >= GIVEN_UP_AFTER
  const left = [...tries]
  const playOn = async () => {
    const arena = await open()
    try {
      for (let aTry = left.shift(); aTry; aTry = left.shift()) {
        if (!isGivenUp(aTry.case)) results.push({ case: aTry.case, ...(await playOne(arena, aTry)) })
      }
    } finally {
      await arena.close()
    }
  }
  await Promise.all(Array.from({ length: pagesEach }, playOn))
  return results
}

/** Lets so many tasks run at a time, in the order in which they came. */
function turnstile(places) {
  const waiting = []
  return async (task) => {
    if (places === 0) await new Promise((resolve) => waiting.push(resolve))
    else places -= 1
    try {
      return await task()
    } finally {
      if (waiting.length === 0) places += 1
      else waiting.shift()()
    }
  }
}
