import { Gateway } from '../support/gateway.mjs'
import { launchBrowser } from '../support/browser.mjs'
import { Observations } from './observations.mjs'
import { Workshop } from './workshop.mjs'

/** More would only wait for each other on two cores. */
const AT_A_TIME = 2

/**
 * Tries each app in each of its ways.
 *
 * @param onRow called with each row as soon as it is there
 * @returns the rows in the order of `apps`: `{ app, how, version, react, observed, brotli }`
 */
export async function matrix(apps, onRow = () => undefined) {
  const workshop = await Workshop.open()
  const browser = await launchBrowser()
  const rows = new Map()
  const waiting = [...apps]
  const work = async () => {
    for (let app = waiting.shift(); app; app = waiting.shift()) {
      rows.set(app, await rowsOf(app, { workshop, browser }, onRow))
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_A_TIME }, work))
  } finally {
    await browser.close()
    workshop.close()
  }
  return apps.flatMap((app) => rows.get(app))
}

/** An app's rows. Whatever fails is told in them, so that it does not hide the other apps. */
async function rowsOf(app, { workshop, browser }, onRow) {
  const rows = []
  const add = (row) => {
    rows.push(row)
    onRow(row)
  }
  let installed
  try {
    installed = await workshop.install(app.id)
  } catch (error) {
    const observed = new Observations()
    await observed.see('rendered', () => Promise.reject(error))
    for (const { how } of app.trials) add({ app, how, observed })
    return rows
  }
  for (const trial of app.trials) add(await rowOf(app, trial, { installed, browser }))
  return rows
}

async function rowOf(app, { how, run }, { installed, browser }) {
  const observed = new Observations()
  const [, tool] = app.tool
  const versions = {
    version: tool ? installed.versionOf(tool) : app.version,
    react: installed.versionOf('react'),
  }
  const gateway = await Gateway.start()
  try {
    const env = app.gateway ? { [app.gateway]: new URL(gateway.url).host } : {}
    const more = await run(observed, { app: installed, browser, gateway, env })
    return { app, how, observed, ...versions, ...more }
  } catch (error) {
    await observed.see('rendered', () => Promise.reject(error))
    return { app, how, observed, ...versions }
  } finally {
    await gateway.kill()
  }
}
