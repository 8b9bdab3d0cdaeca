// Set-up, the browser part, for tests only: Chromium (or Chrome) and the chromedriver of the same version.
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

/** The paths of the browser and its driver, installed first if they are missing and this machine lets us. */
export async function ensureBrowser() {
  let found = findBrowser()
  if (!found) {
    await installBrowser()
    found = findBrowser()
  }
  if (!found) throw new Problem(`Chromium and chromedriver were not found. ${byHand()}`)
  await checkVersions(found)
  return found
}

function findBrowser() {
  const chrome = fromEnvironment('CHROME_PATH') ?? onPath(CHROME_NAMES) ?? MAC_CHROMES.find(isProgram)
  if (!chrome) return undefined
  const beside = join(dirname(chrome), 'chromedriver')
  const chromedriver =
    fromEnvironment('CHROMEDRIVER_PATH') ?? onPath(['chromedriver']) ?? [beside].find(isProgram)
  return chromedriver && { chrome, chromedriver }
}

function fromEnvironment(name) {
  const path = process.env[name]
  if (path && !isProgram(path))
    throw new Problem(`${name} is ${path}, where there is no program. Correct or unset it.`)
  return path || undefined
}

async function installBrowser() {
  if (process.getuid?.() !== 0 || !onPath(['apt-get'])) {
    throw new Problem(`The tests need Chromium and chromedriver. ${byHand()}`)
  }
  const command = 'apt-get update && apt-get install -y --no-install-recommends chromium chromium-driver'
  await runAnnounced({
    name: 'chromium',
    what: 'set-up: installing Chromium and chromedriver with apt-get',
    about: 'about 1 minute',
    command: 'sh',
    args: ['-c', command],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    remedy: `Run by hand: ${command}`,
  })
}

async function checkVersions({ chrome, chromedriver }) {
  const [browser, driver] = await Promise.all([majorVersion(chrome), majorVersion(chromedriver)])
  if (browser !== driver) {
    throw new Problem(
      `${chrome} is version ${browser}, ${chromedriver} is version ${driver}: they must match. ` +
        'Update the older one, or name a matching pair with CHROME_PATH and CHROMEDRIVER_PATH.',
    )
  }
}

async function majorVersion(program) {
  const major = /(\d+)\.\d+\.\d+/.exec((await outputOf(program, ['--version'])) ?? '')?.[1]
  if (!major) throw new Problem(`${program} --version failed. ${byHand()}`)
  return major
}

function byHand() {
  if (process.platform === 'darwin') return 'Run: brew install --cask chromium chromedriver'
  const packages = 'apt-get install --no-install-recommends chromium chromium-driver'
  return `Run: sudo ${packages} (or name them with CHROME_PATH and CHROMEDRIVER_PATH)`
}
