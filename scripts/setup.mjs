// Makes a fresh clone ready: `npm run setup`, and first thing in `npm start` and `npm test`. Over in a moment when
// there is nothing to do. With --start-only it leaves out what only the tests need (a browser, wasm-pack, linters).
import { delimiter } from 'node:path'
import { ensureBrowser } from './browser.mjs'
import { endOnSignals } from './child-processes.mjs'
import { ensureNpmPackages } from './npm-packages.mjs'
import { isCalled, Problem, runMain } from './problem.mjs'
import { ensureRustToolchain } from './rust-toolchain.mjs'
import { ensureWasmBindgen, ensureWasmPack } from './wasm-tools.mjs'

const OLDEST_NODE = [20, 19]

/**
 * Installs what is missing.
 *
 * Returns `{ env, chrome, chromedriver }`: the environment for builds and tests, its PATH beginning with the tools,
 * and, for tests, the paths of the browser and its driver.
 */
export async function ensureSetUp({ forTests }) {
  checkNode()
  const [, , wasmBindgen, wasmPack, browser] = await Promise.all([
    ensureRustToolchain({ forTests }),
    ensureNpmPackages(),
    ensureWasmBindgen(),
    forTests ? ensureWasmPack() : undefined,
    forTests ? ensureBrowser() : undefined,
  ])
  const path = [...new Set([wasmBindgen, wasmPack])].filter(Boolean).concat(process.env.PATH ?? '')
  const env = { ...process.env, PATH: path.join(delimiter) }
  if (browser) Object.assign(env, { CHROME_PATH: browser.chrome, CHROMEDRIVER_PATH: browser.chromedriver })
  return { env, ...browser }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  throw new Problem(
    `Node ${process.versions.node} is too old: ${OLDEST_NODE.join('.')} or newer is needed, from https://nodejs.org`,
  )
}

if (isCalled(import.meta.url)) {
  endOnSignals()
  await runMain(async () => {
    await ensureSetUp({ forTests: !process.argv.includes('--start-only') })
    console.log('✓ set-up: all there')
  })
}
