// The client's tests in a headless Chromium, against a real gateway: `npm test -- --only wasm`.
//
// The tests run in the browser and read no environment, so the gateway's address is compiled in:
// option_env!("EVERWIRE_TEST_URL"). By themselves (`wasm-pack test --headless --chrome`) they use the address of the
// gateway that `npm run gateway` starts. Users and their tokens come from the gateway's demo sign-in, both times.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { endAllChildren, endOnSignals, startChild } from './child-processes.mjs'
import { STAGE, startGateway } from './gateway.mjs'
import { freePort } from './ports.mjs'
import { Problem, runMain } from './problem.mjs'
import { inRoot } from './repository.mjs'
import { ensureSetUp } from './setup.mjs'

/** Used if it is free: the tests are compiled anew for each other address. */
const PREFERRED_PORT = 43119
const GATEWAY_PROGRAM = 'target/debug/everwire-gateway'
const CHROME_ARGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
].concat(['--disable-component-update', '--disable-sync'])

await runMain(async () => {
  endOnSignals()
  const { env, chrome, chromedriver } = await ensureSetUp(['rust', 'wasm-bindgen', 'wasm-pack', 'browser'])
  const tests = testTargets()
  const port = await freePort(PREFERRED_PORT)
  await runGateway(port, env)
  const code = await runTests(tests, chromedriver, {
    ...withoutOtherDrivers(env),
    EVERWIRE_TEST_URL: `ws://127.0.0.1:${port}/${STAGE}`,
    WASM_BINDGEN_TEST_WEBDRIVER_JSON: writeBrowserSettings(chrome),
    WASM_BINDGEN_TEST_TIMEOUT: '180',
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT: '30',
  })
  await endAllChildren()
  process.exit(code)
})

/** Which test targets hold browser tests: all others are for the host and would only be compiled in vain. */
function testTargets() {
  const names = readdirSync(inRoot('tests'))
    .filter((file) => file.endsWith('.rs') && isBrowserTest(inRoot('tests', file)))
    .map((file) => file.slice(0, -'.rs'.length))
  if (names.length === 0)
    throw new Problem('No file in tests/ uses wasm_bindgen_test: there is nothing to run.')
  return names.flatMap((name) => ['--test', name])
}

function isBrowserTest(file) {
  return readFileSync(file, 'utf8').includes('wasm_bindgen_test')
}

async function runGateway(port, env) {
  const gateway = startGateway({
    port,
    program: GATEWAY_PROGRAM,
    args: ['--database', ':memory:'],
    env: { ...env, EVERWIRE_SECRET: randomBytes(32).toString('hex') },
    onLine: (line) => console.log(`gateway │ ${line}`),
  })
  await gateway.ready
}

async function runTests(tests, chromedriver, env) {
  const wasmPack = ['test', '--headless', '--chrome', '--mode', 'no-install', '--chromedriver', chromedriver]
  const onLine = (line) => console.log(line)
  const { code } = await startChild('wasm-pack', [...wasmPack, '--', '--features', 'web', ...tests], {
    env,
    onLine,
  }).ended
  return code ?? 1
}

/** The test runner says headless and no-sandbox itself; this names the browser and keeps it off the network. */
function writeBrowserSettings(chrome) {
  const path = inRoot('target', 'wasm-test', 'webdriver.json')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify({ 'goog:chromeOptions': { binary: chrome, args: CHROME_ARGS } }))
  return path
}

/** The test runner takes the first driver that the environment names. */
function withoutOtherDrivers(env) {
  const others = /^(GECKODRIVER|SAFARIDRIVER|MSEDGEDRIVER|CHROMEDRIVER)(_REMOTE)?$/
  return Object.fromEntries(Object.entries(env).filter(([name]) => !others.test(name)))
}
