// `npm start`: sets up, builds, and runs the gateway and the demo page until Ctrl-C.
import { createInterface } from 'node:readline'
import { runAnnounced } from './announce.mjs'
import { endOnSignals, explainEnd, isEnding, startChild } from './child-processes.mjs'
import { buildGateway, gatewayPort, pushCommand, STAGE, startGateway } from './gateway.mjs'
import { ensurePortIsFree, portFrom, untilAnswers } from './ports.mjs'
import { Problem, runMain } from './problem.mjs'
import { ensureSetUp, FOR_BUILDS } from './setup.mjs'

const ports = {}

await runMain(async () => {
  // Ctrl-C is how this is meant to end, so it is no failure.
  endOnSignals(() => 0)
  ports.gateway = gatewayPort()
  ports.page = portFrom('EVERWIRE_PAGE_PORT', 5173)
  await ensurePortsAreFree()
  const { env } = await ensureSetUp(FOR_BUILDS)
  await build(env)
  await ensurePortsAreFree()
  await run(env)
})

async function ensurePortsAreFree() {
  await ensurePortIsFree(ports.gateway, { variable: 'EVERWIRE_GATEWAY_PORT', purpose: 'the gateway' })
  await ensurePortIsFree(ports.page, { variable: 'EVERWIRE_PAGE_PORT', purpose: 'the demo page' })
}

/** Both at once: they have their own target folders, and each spends a while on one core. */
async function build(env) {
  const client = runAnnounced({
    name: 'build-client',
    what: 'building the client',
    about: 'the first time about 1 minute',
    command: process.execPath,
    args: ['scripts/build.mjs'],
    env,
    remedy: 'It says:',
  })
  await Promise.all([client, buildGateway(env)])
}

async function run(env) {
  const gateway = keepGateway(env)
  const page = startPage(env)
  await Promise.all([gateway.start(), page.ready])
  tellHowToUse()
  listenForCommands(gateway)
  const end = await page.ended
  throw new Problem(
    `The demo page's server ${explainEnd(end)}, so everything was ended. Its own words are above.`,
  )
}

/** The gateway may be ended and started again while the page stays: that is what the demo is for. */
function keepGateway(env) {
  let current

  async function start() {
    const gateway = startGateway({
      port: ports.gateway,
      env,
      onLine: (line) => console.log(`gateway │ ${line}`),
    })
    current = gateway
    void gateway.ended.then((end) => {
      if (current === gateway) current = undefined
      if (gateway.isReady && !isEnding()) tellGatewayEnded(gateway.isStopped ? 'is stopped' : explainEnd(end))
    })
    await gateway.ready
    gateway.isReady = true
  }

  async function toggle() {
    if (current) {
      current.isStopped = true
      return current.end()
    }
    try {
      await start()
      console.log('✓ the gateway is up again')
    } catch (error) {
      console.error(`✗ ${error.message} Type g and Enter to try again.`)
    }
  }

  return { start, toggle }
}

function tellGatewayEnded(how) {
  console.log(`✗ the gateway ${how}; the page keeps trying. To start it again: type g and Enter.`)
}

function startPage(env) {
  const url = `http://127.0.0.1:${ports.page}/`
  const args = ['--host', '127.0.0.1', '--port', String(ports.page), '--strictPort']
  const page = startChild('npm', ['run', '--silent', 'dev', '--workspace', 'www', '--', ...args], {
    env: { ...env, VITE_GATEWAY: `http://127.0.0.1:${ports.gateway}/${STAGE}` },
    onLine: (line) => line.trim() && console.log(`page    │ ${line}`),
  })
  return { ...page, ready: untilAnswers(url, { purpose: "The demo page's server", ended: page.ended }) }
}

function tellHowToUse() {
  console.log(`
  The demo page   http://127.0.0.1:${ports.page}/
  The gateway     ws://127.0.0.1:${ports.gateway}/${STAGE}

  Push a notification to the page, from another terminal in this folder:
    ${pushCommand(ports.gateway)}

  g and Enter stops the gateway, and starts it again: see the page reconnect.
  Ctrl-C ends both.
`)
}

function listenForCommands(gateway) {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const command = line.trim()
    if (command === 'g') void gateway.toggle()
    else if (command) console.log('g and Enter stops or starts the gateway; Ctrl-C ends everything.')
  })
}
