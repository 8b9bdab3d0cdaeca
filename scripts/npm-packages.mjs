// Set-up, the npm part: node_modules holds what package-lock.json says.
import { existsSync, readFileSync } from 'node:fs'
import { runAnnounced } from './announce.mjs'
import { inRoot, readInRoot } from './repository.mjs'

/** Runs `npm ci` unless node_modules is as package-lock.json says already. */
export async function ensureNpmPackages() {
  if (isInstalled()) return
  await runAnnounced({
    name: 'npm-ci',
    what: 'set-up: installing npm packages',
    about: 'about 15 seconds',
    command: 'npm',
    args: ['ci', '--include=dev', '--no-audit', '--no-fund'],
    remedy: 'If package.json has changed, run: npm install',
  })
}

/** Compares with npm's own record of what it put there, so an `npm install` by hand counts too. */
function isInstalled() {
  const record = inRoot('node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = JSON.parse(readInRoot('package-lock.json')).packages
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const isAsWanted = (path) => isSamePackage(wanted[path], installed[path])
  return (
    Object.keys(installed).every(isAsWanted) &&
    Object.keys(wanted).every(
      (path) => path === '' || isForAnotherPlatform(wanted[path], path) || isAsWanted(path),
    )
  )
}

const isSamePackage = (one, other) =>
  one?.version === other?.version && one?.integrity === other?.integrity && Boolean(one) === Boolean(other)

const isForAnotherPlatform = (entry, path) => Boolean(entry.optional) && !existsSync(inRoot(path))
