// The local gateway: builds and starts it. `npm run gateway` runs it alone, in the foreground.
import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { runAnnounced } from './announce.mjs'
import { cargoEnvironment } from './cargo-environment.mjs'
import { endOnSignals, explainEnd, startChild } from './child-processes.mjs'
import { isProgram } from './path-lookup.mjs'
import { ensurePortIsFree, portFrom, untilAnswers } from './ports.mjs'
import { isCalled, Problem, runMain } from './problem.mjs'
import { inRoot, root } from './repository.mjs'
import { ensureRustToolchain } from './rust-toolchain.mjs'

export const STAGE = 'dev'

/** The port that `npm start` and `npm run gateway` use; the gateway's own default, too. */
export const gatewayPort = () => portFrom('EVERWIRE_GATEWAY_PORT', 3001)

/** The gateway as users run it, and a built one that the environment names instead: tests have one at hand. */
const BUILT_HERE = 'target/release/everwire-gateway'
const givenProgram = () => process.env.EVERWIRE_GATEWAY_PROGRAM

/** The program's path, to show to people: relative to the repository's root, if it is in there. */
function gatewayProgram() {
  const path = resolve(root, givenProgram() || BUILT_HERE)
  const inside = relative(root, path)
  return inside.startsWith('..') ? path : inside
}

/** Builds the gateway, unless the environment names a built one. */
export async function buildGateway(env) {
  if (givenProgram()) return checkProgram(resolve(root, givenProgram()))
  await runAnnounced({
    name: 'build-gateway',
    what: 'building the gateway',
    about: existsSync(inRoot(BUILT_HERE))
      ? 'seconds, if little has changed'
      : 'the first time about 5 minutes',
    command: 'cargo',
    args: ['build', '--release', '-p', 'everwire-gateway'],
    env,
    remedy: 'The compiler says:',
  })
}

function checkProgram(path) {
  if (isProgram(path)) return
  throw new Problem(`EVERWIRE_GATEWAY_PROGRAM is ${path}, where there is no program. Correct or unset it.`)
}

/** Starts the gateway with the demo's users. Returns the program and a promise that settles when it answers. */
export function startGateway({ port, program = gatewayProgram(), args = [], ...output }) {
  const serve = ['serve', '--demo', '--listen', `127.0.0.1:${port}`, '--stage', STAGE, ...args]
  const child = startChild(resolve(root, program), serve, output)
  const ready = untilAnswers(`http://127.0.0.1:${port}/`, {
    purpose: 'The gateway',
    ended: child.ended,
  })
  return { ...child, ready }
}

/** The command that pushes a notification through the gateway on this port; to be run at the repository's root. */
export function pushCommand(port) {
  const endpoint = port === 3001 ? '' : ` --endpoint http://127.0.0.1:${port}/${STAGE}`
  return `${quoted(gatewayProgram())} send${endpoint} --user alice '{"action":"notification","title":"Hi"}'`
}

/** As a shell reads it: a path may hold spaces. */
const quoted = (path) =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`

async function runAlone() {
  const port = gatewayPort()
  await ensurePortIsFree(port, { variable: 'EVERWIRE_GATEWAY_PORT', purpose: 'the gateway' })
  await ensureRustToolchain({ linters: false })
  const env = cargoEnvironment()
  await buildGateway(env)
  const gateway = startGateway({ port, env, onLine: (line) => console.log(line) })
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
