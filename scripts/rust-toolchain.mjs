// Set-up, the Rust part: cargo and rustc, the wasm32 target, rustfmt and clippy.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runAnnounced } from './announce.mjs'
import { outputOf } from './child-processes.mjs'
import { isProgram, onPath } from './path-lookup.mjs'
import { Problem } from './problem.mjs'
import { readInRoot } from './repository.mjs'

const TARGET = 'wasm32-unknown-unknown'

/** Checks the Rust toolchain and adds what it lacks. */
export async function ensureRustToolchain({ forTests }) {
  const sysroot = await installedSysroot()
  if (!hasTarget(sysroot)) await rustup(['target', 'add', TARGET], `adding Rust's ${TARGET} target`)
  if (forTests && !hasLinters(sysroot)) {
    await rustup(['component', 'add', 'rustfmt', 'clippy'], 'adding rustfmt and clippy')
  }
}

async function installedSysroot() {
  const [version, sysroot] = await Promise.all([
    outputOf('rustc', ['--version']),
    outputOf('rustc', ['--print', 'sysroot']),
  ])
  if (!version || !sysroot || !onPath(['cargo'])) {
    throw new Problem(
      'cargo and rustc are needed and were not found. Install Rust as https://rustup.rs says.',
    )
  }
  const wanted = /rust-version = "(\d+)\.(\d+)"/.exec(readInRoot('Cargo.toml'))
  const found = /rustc (\d+)\.(\d+)/.exec(version)
  if (wanted && found && isOlder(found, wanted)) {
    throw new Problem(
      `${version} is too old: ${wanted[1]}.${wanted[2]} or newer is needed. Run: rustup update stable`,
    )
  }
  return sysroot
}

const isOlder = ([, major, minor], [, wantedMajor, wantedMinor]) =>
  Number(major) < Number(wantedMajor) || (major === wantedMajor && Number(minor) < Number(wantedMinor))

/** Looks at the files, not at rustup: a distribution's own Rust with the target in place is just as good. */
function hasTarget(sysroot) {
  const libraries = join(sysroot, 'lib', 'rustlib', TARGET, 'lib')
  return existsSync(libraries) && readdirSync(libraries).some((file) => file.startsWith('libcore-'))
}

function hasLinters(sysroot) {
  return ['rustfmt', 'cargo-clippy'].every(
    (name) => isProgram(join(sysroot, 'bin', name)) || isOutsideRustup(name),
  )
}

/** rustup puts a stand-in on the PATH even for components that it has not installed. */
const isOutsideRustup = (name) => onPath([name]) !== undefined && !onPath(['rustup'])

async function rustup(args, what) {
  const byHand = `Run by hand: rustup ${args.join(' ')}`
  if (!onPath(['rustup'])) {
    throw new Problem(`${what}: needs rustup, or the same from where your Rust came from. ${byHand}`)
  }
  await runAnnounced({
    name: `rustup-${args[0]}`,
    what: `set-up: ${what}`,
    about: 'about 10 seconds',
    command: 'rustup',
    args,
    remedy: byHand,
  })
}
