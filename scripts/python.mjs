// Set-up, the Python part, for tests only: target/python, a virtual environment with exactly the packages of
// scripts/python/requirements.txt.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runAnnounced } from './announce.mjs'
import { outputOf } from './child-processes.mjs'
import { isProgram, onPath } from './path-lookup.mjs'
import { Problem } from './problem.mjs'
import { inRoot, readInRoot } from './repository.mjs'
import { installCommand, installPackages, mayInstall } from './system-packages.mjs'

/** The first of the name `python3` may be an old one that the system itself needs. */
const NAMES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11']
/** What the packages accept. */
const OLDEST = [3, 11]
const NEEDED = `Python ${OLDEST.join('.')} or newer with its module venv`
const PACKAGES = { debian: 'python3 python3-venv', ubuntu: 'python3 python3-venv', macos: 'python3' }

const LOCK = ['scripts', 'python', 'requirements.txt']
const venv = inRoot('target', 'python')
const python = join(venv, 'bin', 'python')
/** Says what is installed in there. Written last, so that what broke off half-way is begun anew. */
const note = join(venv, 'installed')

/** The path of the virtual environment's Python; makes it unless it holds what the lock file says already. */
export async function ensurePython() {
  if (await isInstalled()) return python
  const base = await findPython()
  rmSync(venv, { recursive: true, force: true })
  await runAnnounced({
    name: 'python-venv',
    what: 'set-up: making target/python',
    about: 'about 5 seconds',
    command: base,
    args: ['-m', 'venv', venv],
    remedy: pythonRemedy(),
  })
  await runAnnounced({
    name: 'python-packages',
    what: 'set-up: installing Python packages into target/python',
    about: 'about 30 seconds',
    command: python,
    args: ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'].concat([
      '--require-hashes',
      '--requirement',
      inRoot(...LOCK),
    ]),
    env: withoutPythonSettings(process.env),
    remedy: `If ${LOCK.join('/')} has changed, see how it is made in the requirements.in beside it. pip says:`,
  })
  writeFileSync(note, await contents())
  return python
}

async function isInstalled() {
  return isProgram(python) && existsSync(note) && readFileSync(note, 'utf8') === (await contents())
}

/** With Python's version: after an update of the system the packages are in a folder where it does not look. */
async function contents() {
  const lock = createHash('sha256')
    .update(readInRoot(...LOCK))
    .digest('hex')
  return `${lock} ${await outputOf(python, ['--version'])}\n`
}

/** A Python that can make virtual environments, installed first if there is none and this machine lets us. */
async function findPython() {
  const found = await suitablePython()
  if (found) return found
  if (mayInstall()) await installPackages('python', 'about 30 seconds', PACKAGES.debian)
  const installed = await suitablePython()
  if (installed) return installed
  throw new Problem(`The tests need ${NEEDED}: not found. ${pythonRemedy()}`)
}

/** What to do where it is missing. */
export function pythonRemedy(system, isRoot) {
  const command = installCommand(PACKAGES, system, isRoot)
  const byVariable = 'name a newer one with PYTHON'
  return command
    ? `Run: ${command} (or ${byVariable})`
    : `Install it with your system's package manager, or ${byVariable}.`
}

async function suitablePython() {
  const named = process.env.PYTHON
  for (const program of named ? [onPath([named]) ?? named] : NAMES.map((name) => onPath([name]))) {
    if (program && (await suits(program))) return program
  }
  if (named) throw new Problem(`PYTHON is ${named}, but ${NEEDED} is needed. Correct or unset it.`)
  return undefined
}

/** Debian has Python without what `python -m venv` puts into a new environment. */
async function suits(program) {
  const version = await outputOf(program, ['-c', 'import sys, venv, ensurepip; print(*sys.version_info[:2])'])
  const [major, minor] = (version ?? '0 0').split(' ').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

/** The environment is complete by itself; the caller's own packages and habits stay out of it. */
function withoutPythonSettings(env) {
  const { PYTHONPATH: _path, PYTHONHOME: _home, PIP_TARGET: _target, PIP_USER: _user, ...rest } = env
  return rest
}
