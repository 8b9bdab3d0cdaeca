// Set-up, the engines besides Chromium, for slow tests only: Firefox with geckodriver, and WebKitGTK with its driver.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureCargoTool, isAtLeast, versionOf } from './cargo-tools.mjs'
import { isProgram, onPath } from './path-lookup.mjs'
import { Problem } from './problem.mjs'
import { installPackages, mayInstall } from './system-packages.mjs'

const GECKODRIVER = '0.37.1'
/** The first that drives the Firefox that Debian has. */
const OLDEST_GECKODRIVER = [0, 36]

/** Which package of Debian has which program. */
const PACKAGES = {
  firefox: 'firefox-esr',
  WebKitWebDriver: 'webkit2gtk-driver',
  MiniBrowser: 'webkit2gtk-driver',
  // WebKitGTK's browser has no mode without a display.
  Xvfb: 'xvfb',
}

/** The folder with geckodriver; installs it and the packages if they are missing and this machine lets us. */
export async function ensureEngines() {
  let missing = missingPrograms()
  if (missing.length > 0 && mayInstall()) {
    await installPackages('engines', 'about 2 minutes', packagesOf(missing))
    missing = missingPrograms()
  }
  if (missing.length > 0) throw notFound(missing)
  return ensureGeckodriver()
}

/** The path of each program, undefined where it is missing. */
export function findEngines() {
  return {
    firefox: onPath(['firefox-esr', 'firefox']),
    geckodriver: onPath(['geckodriver']),
    WebKitWebDriver: onPath(['WebKitWebDriver']),
    MiniBrowser: miniBrowser(),
    Xvfb: onPath(['Xvfb']),
  }
}

function ensureGeckodriver() {
  return ensureCargoTool({
    crate: 'geckodriver',
    program: 'geckodriver',
    version: GECKODRIVER,
    flags: ['--locked'],
    suits: async (path) => isAtLeast(await versionOf(path), OLDEST_GECKODRIVER),
  })
}

function missingPrograms() {
  const found = findEngines()
  return Object.keys(PACKAGES).filter((program) => !found[program])
}

function notFound(missing) {
  const remedy = `On Debian, run as root: apt-get install --no-install-recommends ${packagesOf(missing)}`
  return new Problem(`The tests in all engines need ${missing.join(', ')}: not found. ${remedy}`)
}

const packagesOf = (programs) => [...new Set(programs.map((program) => PACKAGES[program]))].join(' ')

/** On no PATH: it lies beside the library, in a folder named for the machine and the library's version. */
function miniBrowser() {
  const versions = subfolders('/usr/lib', /-linux-gnu/).flatMap((machine) =>
    subfolders(machine, /^webkit2gtk-/),
  )
  return versions.map((folder) => join(folder, 'MiniBrowser')).find(isProgram)
}

function subfolders(folder, name) {
  try {
    return readdirSync(folder)
      .filter((entry) => name.test(entry))
      .map((entry) => join(folder, entry))
  } catch {
    return []
  }
}
