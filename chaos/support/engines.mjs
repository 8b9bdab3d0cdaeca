import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Builder, Capabilities } from 'selenium-webdriver'
import { tailOf } from '../../scripts/announce.mjs'
import { ensureBrowser } from '../../scripts/browser.mjs'
import { endOnSignals, startChild } from '../../scripts/child-processes.mjs'
import { findEngines } from '../../scripts/engines.mjs'
import { freePort, untilAnswers } from '../../scripts/ports.mjs'
import { Problem } from '../../scripts/problem.mjs'
import { temporaryFolder } from './temporary.mjs'
import { until } from './until.mjs'

const CHROMIUM_ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
].concat(['--disable-background-networking', '--disable-component-update', '--disable-sync'])

/** Firefox holds back the sockets to a server that failed, by up to a minute: our own waits are what is to be tested. */
const FIREFOX_PREFS = { 'network.websocket.delay-failed-reconnects': false }

/** Each engine: the programs it needs, how its driver is started, and what the driver is asked for. */
const ENGINES = {
  chromium: {
    programs: ensureBrowser,
    driver: ({ chromedriver }, port) => [chromedriver, `--port=${port}`],
    capabilities: ({ chrome }) => ({
      browserName: 'chrome',
      'goog:chromeOptions': { binary: chrome, args: CHROMIUM_ARGS },
    }),
  },
  firefox: {
    programs: () => present('firefox', 'geckodriver'),
    // Port 0 for what else it listens on, so that two may run.
    driver: ({ geckodriver }, port) => [geckodriver, '--port', `${port}`, '--websocket-port', '0'],
    capabilities: ({ firefox }) => ({
      browserName: 'firefox',
      'moz:firefoxOptions': { binary: firefox, args: ['-headless'], prefs: FIREFOX_PREFS },
    }),
  },
  webkit: {
    programs: () => present('WebKitWebDriver', 'MiniBrowser', 'Xvfb'),
    needsDisplay: true,
    driver: ({ WebKitWebDriver }, port) => [WebKitWebDriver, `--port=${port}`],
    capabilities: ({ MiniBrowser }) => ({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: MiniBrowser, args: ['--automation'] },
    }),
  },
}

/** The engines to test in, by name: EVERWIRE_ENGINE, which may name several, as in `firefox,webkit`. */
export function wantedEngines(wanted = process.env.EVERWIRE_ENGINE || 'chromium') {
  const names = wanted.split(',')
  const unknown = names.find((name) => !(name in ENGINES))
  if (unknown === undefined) return names
  throw new Problem(`EVERWIRE_ENGINE names ${unknown}: there are ${Object.keys(ENGINES).join(', ')}.`)
}

let isReady = false

/**
 * Starts a browser, in a process group and a folder of its own; neither is left behind, also when the test ends early.
 *
 * Returns `{ name, version, pid, load(url), back(), run(code, ...args), close() }`; `run` calls a function (or its source)
 * in the page and gives, as JSON, what it gives or settles with. `pid` is the driver's, whose descendants the browser is.
 */
export async function startEngine(name) {
  if (!isReady) endOnSignals()
  isReady = true
  const engine = ENGINES[name]
  const programs = await engine.programs()
  const { path: folder, remove } = temporaryFolder(name)
  const children = []
  const end = async () => {
    for (const child of children.reverse()) await child.end()
    remove()
  }
  try {
    const env = ownFolders(folder)
    if (engine.needsDisplay) env.DISPLAY = await startDisplay(programs.Xvfb, folder, children)
    const port = await freePort()
    const url = await startDriver(engine.driver(programs, port), { port, env, folder, children })
    const driver = await openSession(url, engine.capabilities(programs))
    const version = (await driver.getCapabilities()).get('browserVersion')
    const close = () => driver.quit().finally(end)
    const [load, back] = [(url) => driver.get(url), () => driver.navigate().back()]
    const { pid } = children.at(-1)
    return { name, version, pid, load, back, run: runnerOf(driver), close }
  } catch (error) {
    const log = tailOf(join(folder, 'driver.log'), 20)
    await end()
    throw new Problem(`${name} did not start: ${error.message}\n${log}`)
  }
}

function present(...names) {
  const found = findEngines()
  const missing = names.filter((name) => !found[name])
  if (missing.length === 0) return found
  throw new Problem(`${missing.join(', ')}: not found. Run: npm test -- --only chaos-engines`)
}

/** What a browser keeps goes into one folder, so that it can be removed whatever becomes of the browser. */
function ownFolders(folder) {
  const names = { TMPDIR: 'tmp', XDG_CACHE_HOME: 'cache', XDG_CONFIG_HOME: 'config', XDG_DATA_HOME: 'data' }
  const folders = Object.entries(names).map(([variable, name]) => [variable, join(folder, name)])
  for (const [, path] of folders) mkdirSync(path)
  // Without a graphics card.
  return { ...process.env, ...Object.fromEntries(folders), WEBKIT_DISABLE_COMPOSITING_MODE: '1' }
}

/** A display without a screen; its name, such as `:99`. */
async function startDisplay(Xvfb, folder, children) {
  const log = join(folder, 'display.log')
  const args = ['-displayfd', '1', '-screen', '0', '1280x800x24', '-nolisten', 'tcp']
  const child = startChild(Xvfb, args, { log })
  children.push(child)
  let hasEnded = false
  void child.ended.then(() => (hasEnded = true))
  const number = await until(() => {
    if (hasEnded) throw new Problem(`Xvfb ended.\n${tailOf(log, 5)}`)
    return /^(\d+)\n/m.exec(readFileSync(log, 'utf8'))?.[1]
  }, 'Xvfb to say its display')
  return `:${number}`
}

async function startDriver([program, ...args], { port, env, folder, children }) {
  const child = startChild(program, args, { env, log: join(folder, 'driver.log') })
  children.push(child)
  const url = `http://127.0.0.1:${port}`
  await untilAnswers(`${url}/status`, { purpose: program, ended: child.ended })
  return url
}

async function openSession(url, capabilities) {
  const driver = await new Builder()
    .disableEnvironmentOverrides()
    .usingServer(url)
    .withCapabilities(new Capabilities(capabilities))
    .build()
  await driver.manage().setTimeouts({ script: 60_000, pageLoad: 60_000 })
  return driver
}

function runnerOf(driver) {
  return async (code, ...args) => {
    const answer = await driver.executeAsyncScript(`
      const done = arguments[arguments.length - 1]
      const fail = (error) => done(JSON.stringify({ error: error + '\\n' + error?.stack }))
      const tell = (value) => done(JSON.stringify({ value }))
      Promise.resolve().then(() => (${code})(...${JSON.stringify(args)})).then(tell).catch(fail)`)
    const { value, error } = JSON.parse(answer)
    if (error) throw new Error(`in the page: ${error}`)
    return value
  }
}
