// Set-up, the WebAssembly tools: wasm-bindgen of exactly the version that Cargo.lock names, and wasm-pack for the tests.
// An install of another version is never touched: ours then goes into a folder of its own.
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { runAnnounced } from './announce.mjs'
import { outputOf } from './child-processes.mjs'
import { isProgram, onPath } from './path-lookup.mjs'
import { Problem } from './problem.mjs'
import { readInRoot } from './repository.mjs'

const WASM_PACK = '0.15.1'
const OLDEST_WASM_PACK = [0, 13]

/** The folder with `wasm-bindgen`; installs it if no folder has the right version. */
export function ensureWasmBindgen() {
  const version = lockedVersion('wasm-bindgen')
  return ensureTool({
    crate: 'wasm-bindgen-cli',
    program: 'wasm-bindgen',
    version,
    // Without --locked: the lock file it was published with names a crate version that is not always there.
    flags: [],
    // Its test runner has to be of the same version and in the same folder: wasm-pack looks for it there.
    suits: async (path) =>
      isProgram(join(dirname(path), 'wasm-bindgen-test-runner')) && (await versionOf(path)) === version,
  })
}

/** The folder with `wasm-pack`. */
export function ensureWasmPack() {
  return ensureTool({
    crate: 'wasm-pack',
    program: 'wasm-pack',
    version: WASM_PACK,
    flags: ['--locked'],
    suits: async (path) => isRecent(await versionOf(path)),
  })
}

/** The version of a crate in Cargo.lock. */
export function lockedVersion(crate, lock = readInRoot('Cargo.lock')) {
  const version = new RegExp(`^name = "${crate}"\\r?\\nversion = "([^"]+)"`, 'm').exec(lock)?.[1]
  if (!version) throw new Problem(`Cargo.lock names no ${crate}. Run: cargo generate-lockfile`)
  return version
}

async function ensureTool({ crate, program, version, flags, suits }) {
  const own = join(cacheFolder(), 'tools', `${crate}-${version}`)
  const installed = [onPath([program]), join(cargoRoot(), 'bin', program)].filter(
    (path) => path && isProgram(path),
  )
  for (const path of [...installed, join(own, 'bin', program)]) {
    if (isProgram(path) && (await suits(path))) return dirname(path)
  }
  // Where Cargo puts programs, unless one of this name and another version is installed: that one is kept.
  const root = installed.length === 0 ? cargoRoot() : own
  const bin = join(root, 'bin')
  // The root is always said: Cargo's settings may name another, where this script would not look.
  const args = ['install', crate, '--version', version, ...flags, '--root', root]
  await runAnnounced({
    name: crate,
    what: `set-up: building ${crate} ${version} into ${bin}`,
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

/** The folder in whose `bin` Cargo puts programs. */
function cargoRoot() {
  const { CARGO_INSTALL_ROOT, CARGO_HOME } = process.env
  return CARGO_INSTALL_ROOT || CARGO_HOME || join(homedir(), '.cargo')
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
