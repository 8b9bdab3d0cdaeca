// Set-up, the npm part: node_modules holds what package-lock.json says.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runAnnounced } from './announce.mjs'
import { root } from './repository.mjs'

/** Runs `npm ci` unless node_modules is as package-lock.json says already. */
export async function ensureNpmPackages() {
  if (holdsLockedPackages(root)) return
  await runAnnounced({
    name: 'npm-ci',
    what: 'set-up: installing npm packages',
    about: 'about 15 seconds',
    command: 'npm',
    args: ['ci', '--include=dev', '--no-audit', '--no-fund'],
    remedy: 'If package.json has changed, run: npm install',
  })
}

/**
 * Whether a folder's node_modules are as its package-lock.json says. Compares with npm's own record of what it put
 * there, so an `npm install` by hand counts too.
 */
export function holdsLockedPackages(folder) {
  const record = join(folder, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const isAsWanted = (path) => isSamePackage(wanted[path], installed[path])
  const isForAnotherPlatform = (path) => Boolean(wanted[path].optional) && !existsSync(join(folder, path))
  return (
    Object.keys(installed).every(isAsWanted) &&
    Object.keys(wanted).every((path) => path === '' || isForAnotherPlatform(path) || isAsWanted(path))
  )
}

const isSamePackage = (one, other) =>
  one?.version === other?.version && one?.integrity === other?.integrity && Boolean(one) === Boolean(other)
