// Set-up, programs that Cargo builds: installed where Cargo puts programs, if no folder has one that suits.
// An install of another version is never touched: ours then goes into a folder of its own.
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { runAnnounced } from './announce.mjs'
import { outputOf } from './child-processes.mjs'
import { isProgram, onPath } from './path-lookup.mjs'

/**
 * The folder with `program`; installs this version of the crate if no folder has one that suits.
 *
 * @param suits whether the program at a path will do, as a promise
 */
export async function ensureCargoTool({ crate, program, version, flags, suits }) {
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

/** The version that a program says it is, or undefined. */
export async function versionOf(program) {
  return /(\d+\.\d+\.\d+\S*)/.exec((await outputOf(program, ['--version'])) ?? '')?.[1]
}

/** Whether a version such as `0.15.1` is at least `[major, minor]`. */
export function isAtLeast(version, [leastMajor, leastMinor]) {
  const [major, minor] = (version ?? '0.0').split('.').map(Number)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}
