// Set-up, the Rust part: cargo and rustc, the C compiler that they use, the wasm32 target, rustfmt and clippy.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runAnnounced } from './announce.mjs'
import { outputOf } from './child-processes.mjs'
import { isProgram, onPath } from './path-lookup.mjs'
import { Problem } from './problem.mjs'
import { readInRoot } from './repository.mjs'

const TARGET = 'wasm32-unknown-unknown'

/** Checks the Rust toolchain and adds what it lacks; rustfmt and clippy only if `linters`. */
export async function ensureRustToolchain({ linters }) {
  const sysroot = await installedSysroot()
  if (!hasTarget(sysroot)) await rustup(['target', 'add', TARGET], `adding Rust's ${TARGET} target`)
  if (linters && !hasLinters(sysroot)) {
    await rustup(['component', 'add', 'rustfmt', 'clippy'], 'adding rustfmt and clippy')
  }
}

async function installedSysroot() {
  const [version, sysroot, compiler] = await Promise.all([
    outputOf('rustc', ['--version']),
    outputOf('rustc', ['--print', 'sysroot']),
    // Not whether it is there: macOS has a stand-in for it.
    outputOf('cc', ['--version']),
  ])
  if (!version || !sysroot || !onPath(['cargo'])) {
    throw new Problem(
      'cargo and rustc are needed and were not found. Install Rust as https://rustup.rs says.',
    )
  }
  const wanted = neededRust(manifests())
  const found = /rustc (\d+\.\d+)/.exec(version)?.[1]
  if (wanted && found && isOlder(found, wanted)) {
    throw new Problem(`${version} is too old: ${wanted} or newer is needed. Run: rustup update stable`)
  }
  if (compiler === undefined) {
    throw new Problem(`Rust links with a C compiler, and \`cc --version\` failed. ${compilerRemedy()}`)
  }
  return sysroot
}

/** Read here, not by `cargo metadata`: a Cargo that is too old for the workspace fails at that. */
function manifests() {
  const workspace = readInRoot('Cargo.toml')
  const members = /^members = \[([^\]]*)\]/m.exec(workspace)?.[1] ?? ''
  return [
    workspace,
    ...[...members.matchAll(/"([^"]+)"/g)].map(([, member]) => readInRoot(member, 'Cargo.toml')),
  ]
}

/** The highest `rust-version` that these Cargo.toml ask for, as `1.94`; undefined if they ask for none. */
export function neededRust(manifests) {
  return manifests
    .map((manifest) => /^rust-version = "(\d+\.\d+)/m.exec(manifest)?.[1])
    .filter(Boolean)
    .reduce((highest, version) => (highest && isOlder(version, highest) ? highest : version), undefined)
}

function isOlder(version, other) {
  const [[major, minor], [otherMajor, otherMinor]] = [version, other].map((text) =>
    text.split('.').map(Number),
  )
  return major < otherMajor || (major === otherMajor && minor < otherMinor)
}

function compilerRemedy() {
  if (process.platform === 'darwin') return 'Run: xcode-select --install'
  if (onPath(['apt-get'])) {
    return `Run: ${process.getuid?.() === 0 ? '' : 'sudo '}apt-get install build-essential`
  }
  return "Install gcc or clang with your system's package manager."
}

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
