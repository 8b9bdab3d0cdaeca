import { launchBrowser } from '../../e2e/support/browser.mjs'
import { Arena } from './arena.mjs'
import { bad, notApplicable } from './result.mjs'
import { servePages } from './site.mjs'

/** How many pages play at once: most of them wait most of the time. */
const AT_ONCE = 8
/** No scenario takes longer, unless something hangs. */
const LIMIT_MS = 90_000

/**
 * Plays every scenario with every client; tells `onResult(scenario, client, result)` each as it comes.
 *
 * Returns a function of a scenario and a client that gives the result.
 */
export async function tournament(scenarios, clients, onResult = () => undefined) {
  const site = await servePages([...new Set(clients.map(({ id }) => id.split(':')[0]))])
  const browser = await launchBrowser()
  const results = new Map()
  const key = (scenario, client) => `${scenario.id} ${client.id}`
  const matches = scenarios.flatMap((scenario) => clients.map((client) => ({ scenario, client })))
  const playOn = async () => {
    for (let match = matches.shift(); match; match = matches.shift()) {
      const result = await play({ browser, site, ...match })
      results.set(key(match.scenario, match.client), result)
      onResult(match.scenario, match.client, result)
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, playOn))
  } finally {
    await browser.close()
    await site.stop()
  }
  return (scenario, client) => results.get(key(scenario, client))
}

async function play({ browser, site, scenario, client }) {
  const reason = client.without?.[scenario.id]
  if (reason) return notApplicable(reason)
  const arena = await Arena.open({ browser, site, client })
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it took too long')), LIMIT_MS)
  })
  try {
    return await Promise.race([scenario.play(arena), late])
  } catch (error) {
    return bad(`failed: ${error.message.split('\n')[0]}`, { stack: error.stack })
  } finally {
    clearTimeout(timer)
    await arena.close()
  }
}
