import { execFileSync } from 'node:child_process'
import { cpus, platform, release } from 'node:os'
import { findBrowser } from '../../scripts/browser.mjs'

/** What it ran on, in words: processor, system, Node.js, and these browsers (`chromium`, `firefox`). */
export async function machine(browsers = []) {
  const [{ model }] = cpus()
  const programs = { chromium: () => findBrowser(), firefox: () => 'firefox-esr' }
  return [
    `${cpus().length} × ${model}`,
    `${platform()} ${release()}`,
    `Node.js ${process.versions.node}`,
    ...browsers.map((name) => execFileSync(programs[name](), ['--version'], { encoding: 'utf8' }).trim()),
  ]
}
