// Builds the page into target/examples/yew/site: `node examples/yew/build.mjs [--release]`.
//
// Any static server can serve that folder. `trunk serve` would do the same, and more; this needs nothing but Cargo and
// the wasm-bindgen CLI, which `npm run setup` installs.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const target = fileURLToPath(new URL('../../target/examples/yew', import.meta.url))
const WASM = 'wasm32-unknown-unknown'

export const site = join(target, 'site')

/** Debug builds are larger and sooner there. */
export function buildSite({ release = false } = {}) {
  const manifest = join(here, 'Cargo.toml')
  const profile = release ? ['--release'] : []
  run('cargo', ['build', '--quiet', '--locked', '--manifest-path', manifest, '--target', WASM, ...profile])
  const built = join(target, WASM, release ? 'release' : 'debug', 'notifications.wasm')
  run('wasm-bindgen', ['--target', 'web', '--no-typescript', '--out-dir', site, built])
  mkdirSync(site, { recursive: true })
  for (const file of ['index.html', 'style.css']) copyFileSync(join(here, file), join(site, file))
}

function run(command, args) {
  const cargoBin = join(process.env.CARGO_HOME || join(homedir(), '.cargo'), 'bin')
  const PATH = `${process.env.PATH}${delimiter}${cargoBin}`
  const env = { ...process.env, PATH, CARGO_TARGET_DIR: target }
  const { status, error } = spawnSync(command, args, { env, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${command} ${args[0]} failed`, { cause: error })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildSite({ release: process.argv.includes('--release') })
  console.log(`✓ built into ${site}`)
}
