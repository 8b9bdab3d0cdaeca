// Builds the npm package: Rust → WebAssembly → hex and JavaScript → pkg/dist. Prints what a page downloads.
//
// Why it is done in this way stands in ARCHITECTURE.md, "How the package is built".
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { endOnSignals, explainEnd, startChild } from './child-processes.mjs'
import { Problem, runMain } from './problem.mjs'
import { root } from './repository.mjs'
import { thirdPartyLicences } from './third-party-licences.mjs'
import { ensureSetUp, FOR_BUILDS } from './setup.mjs'

// Made beside the package and moved there at the end: a dev server that serves it never sees half of it.
const stage = join(root, 'target/npm/package')
const wasmDir = join(stage, 'wasm')
const distDir = join(stage, 'dist')
const binaryen = join(root, 'node_modules/binaryen/bin')

/** What every browser with WebAssembly since 2021 has. Never `--all-features`: see ARCHITECTURE.md, as above. */
const FEATURES = ['bulk-memory', 'nontrapping-float-to-int', 'sign-ext', 'mutable-globals'].map(
  (f) => `--enable-${f}`,
)

/** What is loaded when a client is opened, each with everything it needs in one file. */
const CHUNKS = ['core-wasm', 'core-slim', 'core-js']

/** Modules of pkg/src that are nowhere but in those. */
const LAZY = [
  'clock',
  'driver',
  'engine',
  'frames',
  'journal',
  'machine',
  'outgoing',
  'page',
  'socket',
  'token',
]

/** What only tests load: nothing of it is in an app. */
const TESTING = 'testing'

/** Modules that they share with what is loaded at once: classes that an app compares with. */
const SHARED = ['./error.js', './state.js']

/** What a page may download, brotli, in bytes: the lazily loaded core and the face around it. */
const BUDGET = 20_500

await runMain(async () => {
  endOnSignals()
  const { env } = await ensureSetUp(FOR_BUILDS)
  rmSync(stage, { recursive: true, force: true })
  for (const dir of [wasmDir, distDir]) mkdirSync(dir, { recursive: true })
  await buildWasm(env)
  await buildJavaScriptCore()
  await buildFace()
  await printSizes()
  moveIntoPackage()
})

function moveIntoPackage() {
  const pkg = join(root, 'pkg')
  for (const dir of ['dist', 'wasm']) rmSync(join(pkg, dir), { recursive: true, force: true })
  renameSync(distDir, join(pkg, 'dist'))
  mkdirSync(join(pkg, 'wasm'))
  copyFileSync(wasm('core.wasm'), join(pkg, 'wasm/core.wasm'))
  for (const text of ['LICENSE-MIT', 'LICENSE-APACHE', 'README.md'])
    copyFileSync(join(root, text), join(pkg, text))
  writeFileSync(join(pkg, 'THIRD-PARTY-LICENSES'), thirdPartyLicences())
}

async function run(command, args, env = process.env) {
  const end = await startChild(command, args, { env }).ended
  if (end.code !== 0)
    throw new Problem(
      `While building the package, ${basename(command)} ${explainEnd(end)}. Its own words are above.`,
    )
}

/** Without reference types: `wasm2js` does not know them, nor does Safari before 16.4. */
async function buildWasm(env) {
  const target = 'wasm32-unknown-unknown'
  const cargo = ['rustc', '--quiet', '--package=everwire', '--lib', '--crate-type=cdylib', '--features=npm']
  // What is built does not depend on where, nor does it tell.
  const sources = join(process.env.CARGO_HOME || join(homedir(), '.cargo'), 'registry/src')
  const flags = ['-Ctarget-feature=-reference-types,-multivalue', '-Clink-arg=-zstack-size=32768'].concat([
    `--remap-path-prefix=${sources}=crates`,
    `--remap-path-prefix=${root}=everwire`,
  ])
  // A target folder of its own: other flags would have Cargo build everything anew at each change of job.
  const targetDir = join(root, 'target/npm')
  const cargoEnv = { ...env, CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f'), CARGO_TARGET_DIR: targetDir }
  await run('cargo', [...cargo, '--profile=npm', `--target=${target}`, '--locked'], cargoEnv)
  const built = join(targetDir, target, 'npm/everwire.wasm')
  await binaryenRun('wasm-opt', [
    '-Oz',
    '--converge',
    '--strip-producers',
    ...FEATURES,
    built,
    '-o',
    wasm('core.wasm'),
  ])
  const hex = readFileSync(wasm('core.wasm')).toString('hex')
  writeFileSync(wasm('core-hex.js'), `export const hex = '${hex}'\n`)
}

/** The same code without WebAssembly, for pages whose Content-Security-Policy forbids it. */
async function buildJavaScriptCore() {
  const lowering = ['signext', 'llvm-memory-copy-fill', 'llvm-nontrapping-fptoint'].map(
    (pass) => `--${pass}-lowering`,
  )
  await binaryenRun('wasm-opt', [
    '-Oz',
    ...FEATURES,
    ...lowering,
    wasm('core.wasm'),
    '-o',
    wasm('lowered.wasm'),
  ])
  await binaryenRun('wasm2js', ['-Oz', wasm('lowered.wasm'), '-o', wasm('core-as-js.js')])
  const module = readFileSync(wasm('core-as-js.js'), 'utf8')
  // wasm2js writes a module with one instance; we need a function that makes instances.
  const body = module.match(/^(.*)\nvar retasmFunc = asmFunc\(/s)?.[1]
  if (body === undefined)
    throw new Problem('The output of wasm2js has another shape than scripts/build.mjs expects.')
  writeFileSync(wasm('core-js.js'), `export function instantiate() {\n${body}\nreturn asmFunc({})\n}\n`)
}

/** The TypeScript as modules beside their types, and the three chunks that are loaded lazily, each in one file. */
async function buildFace() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  await run(process.execPath, [tsc, '--project', join(root, 'pkg/tsconfig.json'), '--outDir', distDir])
  const { build } = await import('esbuild')
  await build({
    entryPoints: CHUNKS.map((name) => join(root, `pkg/src/${name}.ts`)),
    outdir: distDir,
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    external: ['./core-js.js', ...SHARED],
    alias: {
      'everwire:core': wasm('core-hex.js'),
      'everwire:core-js': wasm('core-js.js'),
    },
    allowOverwrite: true,
    logLevel: 'error',
  })
  await build({
    entryPoints: [join(root, `pkg/src/${TESTING}.ts`)],
    outdir: distDir,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['react'],
    allowOverwrite: true,
    logLevel: 'error',
  })
  for (const file of readdirSync(join(distDir, TESTING)))
    if (file.endsWith('.js')) rmSync(join(distDir, TESTING, file))
  // Inside those chunks, and no types for anybody else.
  for (const part of LAZY) for (const type of ['js', 'd.ts']) rmSync(join(distDir, `${part}.${type}`))
  for (const chunk of CHUNKS) rmSync(join(distDir, `${chunk}.d.ts`))
}

/** Measures what a bundler makes of `import WSClient from 'everwire'`, brotli, and holds it to the budget. */
async function printSizes() {
  const size = (code) => brotliCompressSync(code).length
  const face = await minified('index.js')
  const hook = await minified('react.js')
  const core = size(readFileSync(join(distDir, 'core-wasm.js')))
  const rows = [
    ['face (eager)', face],
    ['core: WebAssembly and glue (lazy)', core],
    ['sum', face + core],
    ['with the React hook', hook + core],
    ['core.wasm as a file (everwire/slim)', size(readFileSync(wasm('core.wasm')))],
    ['core in JavaScript (where WebAssembly is forbidden)', size(readFileSync(join(distDir, 'core-js.js')))],
  ]
  console.log('What a page downloads, brotli:')
  for (const [name, bytes] of rows) console.log(`  ${String(bytes).padStart(6)} B  ${name}`)
  if (face + core > BUDGET) throw new Problem(`The sum is over the budget of ${BUDGET} B.`)

  async function minified(entry) {
    const { build } = await import('esbuild')
    const { outputFiles } = await build({
      entryPoints: [join(distDir, entry)],
      bundle: true,
      format: 'esm',
      minify: true,
      write: false,
      external: ['react', './core-wasm.js'],
      logLevel: 'error',
    })
    return size(outputFiles[0].contents)
  }
}

function binaryenRun(tool, args) {
  return run(process.execPath, [join(binaryen, tool), ...args])
}

function wasm(file) {
  return join(wasmDir, file)
}
