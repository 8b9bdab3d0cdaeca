// Makes a fresh clone ready: `npm run setup`, and first thing in `npm start` and `npm test`. Over in a moment when
// there is nothing to do. With --start-only it leaves out what only the tests need.
import { delimiter } from 'node:path'
import { ensureBrowser } from './browser.mjs'
import { cargoEnvironment } from './cargo-environment.mjs'
import { endOnSignals } from './child-processes.mjs'
import { ensureEngines } from './engines.mjs'
import { ensureNodeRuntimeClient } from './node-runtime-client.mjs'
import { ensureNpmPackages } from './npm-packages.mjs'
import { ensurePostgresql } from './postgresql.mjs'
import { isCalled, Problem, runMain } from './problem.mjs'
import { ensurePython } from './python.mjs'
import { ensureRustToolchain } from './rust-toolchain.mjs'
import { ensureWasmBindgen, ensureWasmPack } from './wasm-tools.mjs'

/**
 * What set-up can see to, by name: all that the build of the npm package needs, and what the tests need besides. Slow
 * tests also need `engines`: Firefox and WebKitGTK.
 */
export const FOR_BUILDS = ['rust', 'npm']
/** The real peers of gateway and backend: AWS's clients in Python and Node, and a database server. */
export const PEERS = ['python', 'postgresql', 'node-runtime-client']
export const FOR_TESTS = [...FOR_BUILDS, 'linters', 'wasm-bindgen', 'wasm-pack', 'browser', ...PEERS]
const OF_RUST = ['rust', 'linters', 'wasm-bindgen', 'wasm-pack', 'engines']

/**
 * Installs what is missing of these tools.
 *
 * Returns `{ env, chrome, chromedriver }`: the environment for builds and tests, its PATH beginning with the tools,
 * and, for the tool `browser`, the paths of the browser and its driver. For the tool `python`, EVERWIRE_PYTHON in that
 * environment is the Python with the packages that tests use.
 */
export async function ensureSetUp(tools) {
  checkNode(process.versions.node)
  const wanted = new Set(tools)
  // First: without it the others fail too, with errors that lead astray.
  if (OF_RUST.some((tool) => wanted.has(tool))) await ensureRustToolchain({ linters: wanted.has('linters') })
  const [wasmBindgen, wasmPack, { browser, geckodriver, python, postgresql }] = await Promise.all([
    wanted.has('wasm-bindgen') && ensureWasmBindgen(),
    wanted.has('wasm-pack') && ensureWasmPack(),
    ensureSystemPrograms(wanted),
    wanted.has('npm') && ensureNpmPackages(),
  ])
  const path = [...new Set([wasmBindgen, wasmPack, geckodriver, postgresql])]
    .filter(Boolean)
    .concat(process.env.PATH ?? '')
  const env = { ...cargoEnvironment(), PATH: path.join(delimiter) }
  if (browser) Object.assign(env, { CHROME_PATH: browser.chrome, CHROMEDRIVER_PATH: browser.chromedriver })
  if (python) env.EVERWIRE_PYTHON = python
  return { env, ...browser }
}

/** One after the other: all may call apt-get, of which only one can run at a time. */
async function ensureSystemPrograms(wanted) {
  const browser = wanted.has('browser') && (await ensureBrowser())
  const geckodriver = wanted.has('engines') && (await ensureEngines())
  const postgresql = wanted.has('postgresql') && (await ensurePostgresql())
  const usesPython = wanted.has('python') || wanted.has('node-runtime-client')
  const python = usesPython && (await ensurePython())
  if (wanted.has('node-runtime-client')) await ensureNodeRuntimeClient(python)
  return { browser, geckodriver, python, postgresql }
}

/** What the npm packages accept, ESLint being the strictest: ^20.19 || ^22.13 || >=24. */
export function checkNode(version) {
  const [major, minor] = version.split('.').map(Number)
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24) return
  throw new Problem(
    `Node ${version} does not suit the npm packages: 20.19 or a later 20, 22.13 or a later 22, or 24 or newer is ` +
      'needed, from https://nodejs.org',
  )
}

if (isCalled(import.meta.url)) {
  endOnSignals()
  await runMain(async () => {
    await ensureSetUp(process.argv.includes('--start-only') ? FOR_BUILDS : FOR_TESTS)
    console.log('✓ set-up: all there')
  })
}
