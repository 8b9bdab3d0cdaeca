// The local gateway: builds and starts it. `npm run gateway` runs it alone, in the foreground.
import { existsSync } from 'node:fs'
import { runAnnounced } from './announce.mjs'
import { endOnSignals, explainEnd, startChild } from './child-processes.mjs'
import { ensurePortIsFree, portFrom, untilAnswers } from './ports.mjs'
import { isCalled, Problem, runMain } from './problem.mjs'
import { inRoot } from './repository.mjs'
import { ensureRustToolchain } from './rust-toolchain.mjs'

export const STAGE = 'dev'

/** The port that `npm start` and `npm run gateway` use; the gateway's own default, too. */
export const gatewayPort = () => portFrom('EVERWIRE_GATEWAY_PORT', 3001)

/** The path of the built program, to show to people: relative to the repository's root. */
export const GATEWAY_PROGRAM = 'target/release/everwire-gateway'

/** Builds the gateway as users run it. */
export async function buildGateway(env = process.env) {
  await runAnnounced({
    name: 'build-gateway',
    what: 'building the gateway',
    about: existsSync(inRoot(GATEWAY_PROGRAM))
      ? 'seconds, if little has changed'
      : 'the first time 1 to 2 minutes',
    command: 'cargo',
    args: ['build', '--release', '-p', 'everwire-gateway'],
    env,
    remedy: 'The compiler says:',
  })
}

/** Starts the gateway with the demo's users. Returns the program and a promise that settles when it answers. */
export function startGateway({ port, program = GATEWAY_PROGRAM, args = [], ...output }) {
  const serve = ['serve', '--demo', '--listen', `127.0.0.1:${port}`, '--stage', STAGE, ...args]
  const child = startChild(inRoot(program), serve, output)
  const ready = untilAnswers(`http://127.0.0.1:${port}/`, {
    purpose: 'The gateway',
    ended: child.ended,
  })
  return { ...child, ready }
}

/** The command that pushes a notification through the gateway on this port; to be run at the repository's root. */
export function pushCommand(port) {
  const endpoint = port === 3001 ? '' : ` --endpoint http://127.0.0.1:${port}/${STAGE}`
  return `${GATEWAY_PROGRAM} send${endpoint} --user alice '{"action":"notification","title":"Hi"}'`
}

async function runAlone() {
  const port = gatewayPort()
  await ensurePortIsFree(port, { variable: 'EVERWIRE_GATEWAY_PORT', purpose: 'the gateway' })
  await ensureRustToolchain({ forTests: false })
  await buildGateway()
  const gateway = startGateway({ port, onLine: (line) => console.log(line) })
  await gateway.ready
  console.log(
    `✓ the gateway listens at ws://127.0.0.1:${port}/${STAGE}; Ctrl-C ends it. Push a notification with:`,
  )
  console.log(`    ${pushCommand(port)}`)
  const end = await gateway.ended
  throw new Problem(`The gateway ${explainEnd(end)}.`)
}

if (isCalled(import.meta.url)) {
  endOnSignals(() => 0)
  await runMain(runAlone)
}
