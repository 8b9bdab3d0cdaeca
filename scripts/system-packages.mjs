// Set-up, packages of the operating system: which this machine takes, and installing them where it lets us.
import { existsSync, readFileSync } from 'node:fs'
import { runAnnounced } from './announce.mjs'

/** Debian only: Ubuntu's packages install snaps, which containers cannot, and people may not want. */
export const mayInstall = () => thisSystem() === 'debian' && process.getuid?.() === 0

/** Installs packages of Debian. `name` is that of the log. Only one call at a time: apt-get locks out a second. */
export async function installPackages(name, about, packages) {
  const command = `apt-get update && apt-get install -y --no-install-recommends ${packages}`
  await runAnnounced({
    name,
    what: `set-up: installing ${packages} with apt-get`,
    about,
    command: 'sh',
    args: ['-c', command],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    remedy: `Run by hand: ${command}`,
  })
}

/**
 * The command that installs what is missing, for a message; undefined on a system that we do not know. Asks for `sudo`
 * only if we are not root.
 *
 * @param packages what is missing, by system: `{ debian, ubuntu, macos }`, names separated by spaces
 */
export function installCommand(packages, system = thisSystem(), isRoot = process.getuid?.() === 0) {
  if (!system) return undefined
  if (system === 'macos') return `brew install ${packages.macos}`
  return `${isRoot ? '' : 'sudo '}apt-get install ${packages[system]}`
}

/** Which packages this machine takes: `debian`, `ubuntu`, `macos`, or undefined if we do not know. */
export function thisSystem() {
  if (process.platform === 'darwin') return 'macos'
  return existsSync('/etc/os-release') ? systemNamedIn(readFileSync('/etc/os-release', 'utf8')) : undefined
}

/** Likewise, from an os-release file; what is made from Ubuntu says that it is like Debian, too. */
export function systemNamedIn(release) {
  const ids = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, words]) => words.split(' '))
  return ['ubuntu', 'debian'].find((id) => ids.includes(id))
}
