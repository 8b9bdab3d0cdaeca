// Set-up, the WebAssembly tools: wasm-bindgen of exactly the version that Cargo.lock names, and wasm-pack for the tests.
import { dirname, join } from 'node:path'
import { ensureCargoTool, isAtLeast, versionOf } from './cargo-tools.mjs'
import { isProgram } from './path-lookup.mjs'
import { Problem } from './problem.mjs'
import { readInRoot } from './repository.mjs'

const WASM_PACK = '0.15.1'
const OLDEST_WASM_PACK = [0, 13]

/** The folder with `wasm-bindgen`; installs it if no folder has the right version. */
export function ensureWasmBindgen() {
  const version = lockedVersion('wasm-bindgen')
  return ensureCargoTool({
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
  return ensureCargoTool({
    crate: 'wasm-pack',
    program: 'wasm-pack',
    version: WASM_PACK,
    flags: ['--locked'],
    suits: async (path) => isAtLeast(await versionOf(path), OLDEST_WASM_PACK),
  })
}

/** The version of a crate in Cargo.lock. */
export function lockedVersion(crate, lock = readInRoot('Cargo.lock')) {
  const version = new RegExp(`^name = "${crate}"\\r?\\nversion = "([^"]+)"`, 'm').exec(lock)?.[1]
  if (!version) throw new Problem(`Cargo.lock names no ${crate}. Run: cargo generate-lockfile`)
  return version
}
