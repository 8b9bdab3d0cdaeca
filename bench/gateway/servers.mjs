// The servers that are compared, each with the same API: an authorizer, `$connect`, and routes that answer.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAnnounced } from '../../scripts/announce.mjs'
import { startChild } from '../../scripts/child-processes.mjs'
import { holdsLockedPackages } from '../../scripts/npm-packages.mjs'
import { freePort, untilAnswers } from '../../scripts/ports.mjs'
import { inRoot } from '../../scripts/repository.mjs'
import { onCore } from './cores.mjs'

const here = (...parts) => inRoot('bench', 'gateway', ...parts)
/** Where serverless-offline is installed, and runs. */
const peer = inRoot('target', 'bench', 'serverless-offline')

/**
 * By name. `start({ token })` resolves, once the server answers, with
 *
 *   pid      the process that all others of the server have come from
 *   url      where clients connect, token included
 *   posts    where `@connections` is
 *   end      ends it
 *
 * `answering` has the action of a message that is answered through `@connections` and of one that its route answers.
 */
export const servers = {
  everwire: {
    answering: { posting: 'echo' },
    start: (options) => startEverwire('built-in.toml', options),
  },
  'everwire, functions in Node.js': {
    answering: { posting: 'post', returning: 'return' },
    start: (options) => startEverwire('functions.toml', options),
  },
  'serverless-offline': {
    answering: { posting: 'post', returning: 'return' },
    start: (options) => startServerlessOffline([], options),
  },
  'serverless-offline --useInProcess': {
    answering: { posting: 'post', returning: 'return' },
    start: (options) => startServerlessOffline(['--useInProcess'], options),
  },
}

/** A secret for one run, and a token that it signs. */
export async function makeToken(mint) {
  const secret = randomBytes(32).toString('hex')
  return { secret, token: await mint(secret) }
}

async function startEverwire(configuration, { secret, token }) {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'everwire-bench-'))
  const serve = ['serve', '--listen', `127.0.0.1:${port}`, '--config', here('everwire', configuration)]
  const running = await start({
    name: 'everwire',
    command: inRoot('target', 'release', 'everwire-gateway'),
    args: [...serve, '--database', join(folder, 'connections.db')],
    cwd: here('everwire'),
    env: { EVERWIRE_SECRET: secret },
    port,
  })
  const end = async () => {
    await running.end()
    rmSync(folder, { recursive: true })
  }
  const address = `127.0.0.1:${port}/dev`
  return { ...running, url: `ws://${address}?token=${token}`, posts: `http://${address}/@connections`, end }
}

async function startServerlessOffline(options, { secret, token }) {
  const [port, httpPort, lambdaPort] = [await freePort(), await freePort(), await freePort()]
  const ports = ['--websocketPort', port, '--httpPort', httpPort, '--lambdaPort', lambdaPort]
  const running = await start({
    name: 'serverless-offline',
    command: process.execPath,
    args: [
      'node_modules/serverless/bin/serverless.js',
      'offline',
      '--host',
      '127.0.0.1',
      ...ports,
      ...options,
    ],
    cwd: peer,
    env: {
      ENDPOINT: `http://127.0.0.1:${port}`,
      JWT_SECRET: secret,
      // What AWS's SDK wants to have; nobody looks at it.
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    },
    port,
  })
  const address = `127.0.0.1:${port}`
  return { ...running, url: `ws://${address}/?token=${token}`, posts: `http://${address}/@connections` }
}

async function start({ name, command, args, cwd, env, port }) {
  const [program, words] = onCore('server', command, args)
  const log = inRoot('target', 'bench', `${name}.log`)
  const child = startChild(program, words.map(String), { cwd, env: { ...process.env, ...env }, log })
  await untilAnswers(`http://127.0.0.1:${port}/`, { purpose: `${name} (see ${log})`, ended: child.ended })
  return child
}

/** Installs serverless-offline as it is locked, unless that is done, and lays the functions beside it. */
export async function installServerlessOffline() {
  mkdirSync(peer, { recursive: true })
  for (const file of ['package.json', 'package-lock.json', 'serverless.yml'])
    copyFileSync(here('serverless-offline', file), join(peer, file))
  cpSync(here('functions'), peer, { recursive: true })
  if (holdsLockedPackages(peer)) return
  await runAnnounced({
    name: 'serverless-offline',
    what: 'installing serverless-offline',
    about: 'once, about 20 seconds',
    command: 'npm',
    args: ['ci', '--no-audit', '--no-fund', '--prefix', peer],
    remedy: 'Its packages are in bench/gateway/serverless-offline. npm says:',
  })
}
