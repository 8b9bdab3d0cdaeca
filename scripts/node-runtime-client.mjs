// Set-up, AWS's Node client of the Lambda Runtime API (aws-lambda-ric), for tests only: npm builds its native part.
import { delimiter, dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { runAnnounced } from './announce.mjs'
import { holdsLockedPackages } from './npm-packages.mjs'
import { onPath } from './path-lookup.mjs'
import { Problem } from './problem.mjs'
import { inRoot } from './repository.mjs'
import { installCommand, installPackages, mayInstall } from './system-packages.mjs'

const FOLDER = ['examples', 'functions', 'node']
const folder = inRoot(...FOLDER)
const nativePart = join(folder, 'node_modules', 'aws-lambda-ric', 'rapid-client.node')

/** What builds it besides cmake, which comes with target/python: which package of Debian has which program. */
const PACKAGES = { 'c++': 'g++', make: 'make', xz: 'xz-utils', tar: 'tar' }

/**
 * Installs the package and builds its native part, unless that is done.
 *
 * @param python the Python of target/python, with cmake beside it
 */
export async function ensureNodeRuntimeClient(python) {
  if (isInstalled()) return
  await ensureBuildTools()
  await runAnnounced({
    name: 'node-runtime-client',
    what: "set-up: building AWS's Node runtime client",
    about: 'once, about 1 minute',
    command: 'npm',
    args: ['ci', '--no-audit', '--no-fund', '--prefix', folder],
    env: {
      ...process.env,
      PATH: [dirname(python), process.env.PATH ?? ''].join(delimiter),
      npm_config_python: python,
      ...nodeHeaders(),
    },
    remedy: `Its package is in ${FOLDER.join('/')}. npm says:`,
  })
}

/** aws-lambda-ric has no native part for other systems than Linux; its tests say so there. */
const isInstalled = () =>
  holdsLockedPackages(folder) && (process.platform !== 'linux' || existsSync(nativePart))

/** Node's own headers where its installation has them; without these node-gyp downloads them. */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath))
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {}
}

async function ensureBuildTools() {
  if (process.platform !== 'linux') return
  if (missing().length > 0 && mayInstall()) {
    await installPackages('build-tools', 'about 1 minute', packagesOf(missing()))
  }
  if (missing().length > 0) throw new Problem(buildToolsRemedy(missing()))
}

const missing = () => Object.keys(PACKAGES).filter((program) => !onPath([program]))
const packagesOf = (programs) => programs.map((program) => PACKAGES[program]).join(' ')

/** What is missing, and what to do. */
export function buildToolsRemedy(programs, system, isRoot) {
  const packages = packagesOf(programs)
  const command = installCommand({ debian: packages, ubuntu: packages, macos: packages }, system, isRoot)
  const remedy = command ? `Run: ${command}` : "Install them with your system's package manager."
  return `AWS's Node runtime client is built with ${programs.join(', ')}: not found. ${remedy}`
}
