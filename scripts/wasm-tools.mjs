// Set-up, the WebAssembly tools: wasm-bindgen of exactly the version that Cargo.lock names, and wasm-pack for the tests.
// They are kept per version in a folder of their own, so a global install of another version is never touched.
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { runAnnounced } from './announce.mjs'
import { outputOf } from './child-processes.mjs'
import { isProgram, onPath } from './path-lookup.mjs'
import { Problem } from './problem.mjs'
import { readInRoot } from './repository.mjs'

const WASM_PACK = '0.15.1'
const OLDEST_WASM_PACK = [0, 13]

/** The folder with `wasm-bindgen`; installs it if neither the PATH nor the cache has the right version. */
export async function ensureWasmBindgen() {
  const version = lockedVersion('wasm-bindgen')
  // Its test runner has to be of the same version and in the same folder: wasm-pack looks for it there.
  const found = onPath(['wasm-bindgen'])
  if (
    found &&
    isProgram(join(dirname(found), 'wasm-bindgen-test-runner')) &&
    (await versionOf(found)) === version
  ) {
    return dirname(found)
  }
  // Without --locked: the lock file it was published with names a crate version that is not always there.
  return ensureCached({ crate: 'wasm-bindgen-cli', program: 'wasm-bindgen', version, flags: [] })
}

/** The folder with `wasm-pack`. */
export async function ensureWasmPack() {
  const found = onPath(['wasm-pack'])
  if (found && isRecent(await versionOf(found))) return dirname(found)
  return ensureCached({ crate: 'wasm-pack', program: 'wasm-pack', version: WASM_PACK, flags: ['--locked'] })
}

/** The version of a crate in Cargo.lock. */
export function lockedVersion(crate, lock = readInRoot('Cargo.lock')) {
  const version = new RegExp(`^name = "${crate}"\\r?\\nversion = "([^"]+)"`, 'm').exec(lock)?.[1]
  if (!version) throw new Problem(`Cargo.lock names no ${crate}. Run: cargo generate-lockfile`)
  return version
}

async function ensureCached({ crate, program, version, flags }) {
  const folder = join(cacheFolder(), 'tools', `${crate}-${version}`)
  const bin = join(folder, 'bin')
  if (isProgram(join(bin, program))) return bin

  const args = ['install', crate, '--version', version, ...flags, '--root', folder]
  await runAnnounced({
    name: crate,
    what: `set-up: building ${crate} ${version} into ${folder}`,
    about: 'once, 2 to 6 minutes',
    command: 'cargo',
    args,
    env: withoutBuildSettings(process.env),
    // Outside the repository, so that its Cargo settings do not apply to the tool.
    cwd: homedir(),
    remedy: `Run by hand: cargo ${args.join(' ')}`,
  })
  return bin
}

function cacheFolder() {
  const { EVERWIRE_CACHE, XDG_CACHE_HOME } = process.env
  return EVERWIRE_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'everwire')
}

/** The tool runs on this machine, whatever the caller's own builds are for. */
function withoutBuildSettings(env) {
  const { CARGO_BUILD_TARGET: _target, RUSTFLAGS: _flags, CARGO_TARGET_DIR: _folder, ...rest } = env
  return rest
}

async function versionOf(program) {
  return /(\d+\.\d+\.\d+\S*)/.exec((await outputOf(program, ['--version'])) ?? '')?.[1]
}

function isRecent(version) {
  const [major, minor] = (version ?? '0.0').split('.').map(Number)
  return major > OLDEST_WASM_PACK[0] || (major === OLDEST_WASM_PACK[0] && minor >= OLDEST_WASM_PACK[1])
}
