// Set-up, the browser part, for tests only: Chromium (or Chrome) and the chromedriver of the same version.
import { dirname, join } from 'node:path'
import { outputOf } from './child-processes.mjs'
import { isProgram, onPath } from './path-lookup.mjs'
import { Problem } from './problem.mjs'
import { installCommand, installPackages, mayInstall, thisSystem } from './system-packages.mjs'

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
export function browserRemedy(missing, system = thisSystem(), isRoot) {
  const byVariable = `name ${missing.length > 1 ? 'them' : 'it'} with ${missing.map(variableOf).join(' and ')}`
  const packages = (of) => missing.map((program) => PACKAGES[of][program]).join(' ')
  const command = installCommand(
    { debian: packages('debian'), ubuntu: packages('ubuntu'), macos: `--cask ${packages('macos')}` },
    system,
    isRoot,
  )
  if (!command) return `Install it with your system's package manager, or ${byVariable}.`
  return `Run: ${command} (or ${byVariable})`
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

const installBrowser = (missing) =>
  installPackages('chromium', 'about 1 minute', missing.map((program) => PACKAGES.debian[program]).join(' '))

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
