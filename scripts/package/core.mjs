// The Rust code as WebAssembly, and the same as JavaScript.
import { readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../problem.mjs'
import { inRoot, root } from '../repository.mjs'
import { customSection } from './custom-section.mjs'
import { readManifest } from './entries.mjs'
import { run } from './run.mjs'
import { encode } from './wasm-text.mjs'

/** What every browser with WebAssembly since 2021 has. Never `--all-features`: see ARCHITECTURE.md. */
const FEATURES = ['bulk-memory', 'nontrapping-float-to-int', 'sign-ext', 'mutable-globals'].map(
  (f) => `--enable-${f}`,
)

/**
 * Builds into the folder `made`: `core.wasm`, `core-text.js` (the same, as text, without the version) and `core-js.js`
 * (for pages whose Content-Security-Policy forbids WebAssembly).
 */
export async function buildCore(made, env) {
  await buildWasm(made, env)
  await buildJavaScript(made)
}

/** Without reference types: `wasm2js` does not know them, nor does Safari before 16.4. */
async function buildWasm(made, env) {
  const target = 'wasm32-unknown-unknown'
  const cargo = ['rustc', '--quiet', '--package=everwire', '--lib', '--crate-type=cdylib', '--features=npm']
  // What is built does not depend on where, nor does it tell.
  const sources = join(process.env.CARGO_HOME || join(homedir(), '.cargo'), 'registry/src')
  const flags = ['-Ctarget-feature=-reference-types,-multivalue', '-Clink-arg=-zstack-size=32768'].concat([
    `--remap-path-prefix=${sources}=crates`,
    `--remap-path-prefix=${root}=everwire`,
  ])
  // A target folder of its own: other flags would have Cargo build everything anew at each change of job.
  const targetDir = inRoot('target', 'npm')
  const cargoEnv = { ...env, CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f'), CARGO_TARGET_DIR: targetDir }
  await run('cargo', [...cargo, '--profile=npm', `--target=${target}`, '--locked'], cargoEnv)
  const built = join(targetDir, target, 'npm/everwire.wasm')
  const file = join(made, 'core.wasm')
  await binaryen('wasm-opt', ['-Oz', '--converge', '--strip-producers', ...FEATURES, built, '-o', file])
  const wasm = readFileSync(file)
  const parts = Object.entries(encode(wasm)).map(([name, text]) => `export const ${name} = '${text}'\n`)
  writeFileSync(join(made, 'core-text.js'), parts.join(''))
  // Only in the file, which a cache may keep longer than the script. What is in the script is of its version.
  writeFileSync(file, Buffer.concat([wasm, versionSection()]))
}

function versionSection() {
  return customSection('everwire', readManifest().version)
}

/** The built core.wasm as the script carries it, without the version: text that no bundler changes. */
export function inlinedText() {
  const wasm = readFileSync(inRoot('pkg', 'core.wasm'))
  return encode(wasm.subarray(0, -versionSection().length)).text
}

async function buildJavaScript(made) {
  const lowering = ['signext', 'llvm-memory-copy-fill', 'llvm-nontrapping-fptoint'].map(
    (pass) => `--${pass}-lowering`,
  )
  const [wasm, lowered, translated] = ['core.wasm', 'lowered.wasm', 'core-as-js.js'].map((f) => join(made, f))
  await binaryen('wasm-opt', ['-Oz', ...FEATURES, ...lowering, wasm, '-o', lowered])
  await binaryen('wasm2js', ['-Oz', lowered, '-o', translated])
  // wasm2js writes a module with one instance; we need a function that makes instances.
  const body = readFileSync(translated, 'utf8').match(/^(.*)\nvar retasmFunc = asmFunc\(/s)?.[1]
  if (body === undefined)
    throw new Problem('The output of wasm2js has another shape than scripts/package/core.mjs expects.')
  writeFileSync(join(made, 'core-js.js'), `export function instantiate() {\n${body}\nreturn asmFunc({})\n}\n`)
}

function binaryen(tool, args) {
  return run(process.execPath, [inRoot('node_modules', 'binaryen', 'bin', tool), ...args])
}
