// Set-up, the browser part, for tests only: Chromium (or Chrome) and the chromedriver of the same version.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runAnnounced } from './announce.mjs'
import { outputOf } from './child-processes.mjs'
import { isProgram, onPath } from './path-lookup.mjs'
import { Problem } from './problem.mjs'

const CHROME_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const MAC_CHROMES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]
/** The second is what the snap of Chromium calls it. */
const DRIVER_NAMES = ['chromedriver', 'chromium.chromedriver']

/** What to install, with `apt-get` or `brew`. Debian's and Ubuntu's drivers bring the browser of their version. */
const PACKAGES = {
  debian: { chrome: 'chromium', chromedriver: 'chromium-driver' },
  ubuntu: { chrome: 'chromium-browser', chromedriver: 'chromium-chromedriver' },
  macos: { chrome: 'google-chrome', chromedriver: 'chromedriver' },
}

/** The paths of the browser and its driver, installed first if they are missing and this machine lets us. */
export async function ensureBrowser() {
  let missing = missingPrograms()
  if (missing.length > 0 && mayInstall()) {
    await installBrowser(missing)
    missing = missingPrograms()
  }
  if (missing.length > 0) throw notFound(missing)
  return matchingPair()
}

/** The path of the browser alone. */
export function findBrowser() {
  const [chrome] = chromes()
  if (!chrome) throw notFound(['chrome'])
  return chrome
}

/** What to do where these of `chrome` and `chromedriver` are missing. Asks for `sudo` only if we are not root. */
export function browserRemedy(missing, system = thisSystem(), isRoot = process.getuid?.() === 0) {
  const byVariable = `name ${missing.length > 1 ? 'them' : 'it'} with ${missing.map(variableOf).join(' and ')}`
  if (!system) return `Install it with your system's package manager, or ${byVariable}.`
  const packages = missing.map((program) => PACKAGES[system][program]).join(' ')
  if (system === 'macos') return `Run: brew install --cask ${packages} (or ${byVariable})`
  return `Run: ${isRoot ? '' : 'sudo '}apt-get install ${packages} (or ${byVariable})`
}

function notFound(missing) {
  const names = { chrome: 'Chromium (or Chrome)', chromedriver: 'chromedriver' }
  const what = missing.map((program) => names[program]).join(' and ')
  return new Problem(`The tests need ${what}: not found. ${browserRemedy(missing)}`)
}

function missingPrograms() {
  return [chromes().length === 0 && 'chrome', drivers().length === 0 && 'chromedriver'].filter(Boolean)
}

/** All browsers that are there, the preferred one first; or the one that the environment names. */
function chromes() {
  const named = fromEnvironment('chrome')
  if (named) return [named]
  return [...CHROME_NAMES.map((name) => onPath([name])), ...MAC_CHROMES.filter(isProgram)].filter(Boolean)
}

function drivers() {
  const named = fromEnvironment('chromedriver')
  if (named) return [named]
  const beside = chromes().map((chrome) => join(dirname(chrome), 'chromedriver'))
  const found = [...DRIVER_NAMES.map((name) => onPath([name])), ...beside.filter(isProgram)]
  return [...new Set(found)].filter(Boolean)
}

const variableOf = (program) => `${program.toUpperCase()}_PATH`

function fromEnvironment(program) {
  const variable = variableOf(program)
  const path = process.env[variable]
  if (path && !isProgram(path))
    throw new Problem(`${variable} is ${path}, where there is no program. Correct or unset it.`)
  return path || undefined
}

/** Debian only: Ubuntu's packages install snaps, which containers cannot, and people may not want. */
export const mayInstall = () => thisSystem() === 'debian' && process.getuid?.() === 0

const installBrowser = (missing) =>
  installPackages('chromium', 'about 1 minute', missing.map((program) => PACKAGES.debian[program]).join(' '))

/** Installs packages of Debian. `name` is that of the log. */
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

/** The first browser and driver of one version. */
async function matchingPair() {
  const versions = new Map()
  const versionOf = async (program) => {
    if (!versions.has(program)) versions.set(program, await majorVersion(program))
    return versions.get(program)
  }
  for (const chrome of chromes()) {
    for (const chromedriver of drivers()) {
      const [browser, driver] = [await versionOf(chrome), await versionOf(chromedriver)]
      if (browser && browser === driver) return { chrome, chromedriver }
    }
  }
  const found = [...versions].map(([program, version]) => `${program} is version ${version ?? 'unknown'}`)
  throw new Problem(
    `Browser and driver must be of one version, but ${found.join(', ')}. ` +
      'Update the older one, or name a matching pair with CHROME_PATH and CHROMEDRIVER_PATH.',
  )
}

async function majorVersion(program) {
  return /(\d+)\.\d+\.\d+/.exec((await outputOf(program, ['--version'])) ?? '')?.[1]
}

/** Which packages this machine takes: `debian`, `ubuntu`, `macos`, or undefined if we do not know. */
function thisSystem() {
  if (process.platform === 'darwin') return 'macos'
  return existsSync('/etc/os-release') ? systemNamedIn(readFileSync('/etc/os-release', 'utf8')) : undefined
}

/** Likewise, from an os-release file; what is made from Ubuntu says that it is like Debian, too. */
export function systemNamedIn(release) {
  const ids = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, words]) => words.split(' '))
  return ['ubuntu', 'debian'].find((id) => ids.includes(id))
}
