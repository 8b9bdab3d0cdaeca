// The table of what `npm test` runs. To add a test step, add a row.
//
//   name      also of its log, target/test-logs/NAME.log
//   lane      steps of one lane run one after the other, in this order; the lanes run side by side.
//             Cargo steps share a target folder, so they share a lane: cargo would make them wait anyway.
//             Steps of the lane `alone` run last with the machine to themselves: they drive browsers and need its
//             cores.
//   counts    how its tests are counted: `cargo`, `node`, or `check` (the step is one check); see test-counts.mjs
//   tools     what set-up has to see to for it, as setup.mjs names them
//   needs     steps that have to pass first
//   slow      runs with `npm run test:all` and not with `npm test`
//   when      a row that applies only while this is true
//   env       added to the environment
//   minutes   after so long it is ended and has failed; 15 if not given
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot, root } from './repository.mjs'
import { FOR_BUILDS, PEERS } from './setup.mjs'

const node = process.execPath
const WASM = 'wasm32-unknown-unknown'
const ofGateway = { EVERWIRE_GATEWAY_PROGRAM: inRoot('target', 'debug', 'everwire-gateway') }
const bin = (name) => inRoot('node_modules', '.bin', name)

export const steps = [
  {
    name: 'rustfmt',
    lane: 'cargo',
    counts: 'check',
    tools: ['linters'],
    run: () => ['cargo', 'fmt', '--all', '--check'],
  },
  {
    name: 'build',
    lane: 'cargo',
    counts: 'check',
    tools: FOR_BUILDS,
    run: () => [node, 'scripts/build.mjs'],
  },
  {
    name: 'gateway',
    lane: 'cargo',
    counts: 'check',
    tools: ['rust'],
    // The backend's own binary, too: tests run it as a function of the gateway.
    run: () => ['cargo', 'build', '-p', 'everwire-gateway', '-p', 'everwire-backend'],
  },
  {
    name: 'clippy',
    lane: 'cargo',
    counts: 'check',
    tools: ['linters'],
    run: () => ['cargo', 'clippy', '--workspace', '--all-targets', '--', '-D', 'warnings'],
  },
  {
    name: 'clippy-wasm',
    lane: 'cargo',
    counts: 'check',
    tools: ['linters'],
    run: () =>
      ['cargo', 'clippy', '-p', 'everwire', '--target', WASM, '--all-targets'].concat([
        '--features',
        'web',
        '--',
        '-D',
        'warnings',
      ]),
  },
  {
    name: 'clippy-npm',
    lane: 'cargo',
    counts: 'check',
    tools: ['linters'],
    // Only the feature compiles src/npm.rs.
    run: () =>
      ['cargo', 'clippy', '-p', 'everwire', '--lib', '--features', 'npm'].concat([
        '--target',
        WASM,
        '--',
        '-D',
        'warnings',
      ]),
  },
  {
    name: 'rust',
    lane: 'cargo',
    counts: 'cargo',
    // The npm packages too: AWS's SDK for JavaScript is one of the gateway's clients.
    tools: ['rust', 'npm', ...PEERS],
    // With what passing tests print: the model check says how many states it has visited.
    run: () => ['cargo', 'test', '--workspace', '--no-fail-fast', '--', '--show-output'],
  },
  {
    name: 'rustdoc',
    lane: 'cargo',
    counts: 'check',
    tools: ['rust'],
    run: () => ['cargo', 'doc', '--workspace', '--no-deps'],
    env: { RUSTDOCFLAGS: '-D warnings' },
  },
  {
    name: 'rustdoc-wasm',
    lane: 'cargo',
    counts: 'check',
    tools: ['rust'],
    run: () => ['cargo', 'doc', '-p', 'everwire', '--no-deps', '--features', 'web', '--target', WASM],
    env: { RUSTDOCFLAGS: '-D warnings' },
  },
  {
    name: 'doc-examples-wasm',
    lane: 'cargo',
    counts: 'check',
    tools: ['rust', 'wasm-bindgen'],
    // Compiled and not run: they need a server.
    run: () => ['cargo', 'test', '--doc', '-p', 'everwire', '--features', 'web', '--target', WASM],
    env: { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: 'wasm-bindgen-test-runner' },
  },
  {
    name: 'example',
    lane: 'cargo',
    counts: 'check',
    tools: ['rust', 'wasm-bindgen'],
    run: () => [node, 'examples/yew/build.mjs'],
  },
  {
    name: 'example-lint',
    lane: 'cargo',
    counts: 'check',
    tools: ['linters'],
    needs: ['example'],
    run: () =>
      ['cargo', 'clippy', '--manifest-path', 'examples/yew/Cargo.toml', '--target', WASM, '--locked'].concat([
        '--',
        '-D',
        'warnings',
      ]),
    env: { CARGO_TARGET_DIR: inRoot('target', 'examples', 'yew') },
  },
  {
    name: 'example-format',
    lane: 'cargo',
    counts: 'check',
    tools: ['linters'],
    run: () => ['cargo', 'fmt', '--manifest-path', 'examples/yew/Cargo.toml', '--check'],
  },
  {
    name: 'wasm',
    lane: 'alone',
    counts: 'cargo',
    tools: ['rust', 'wasm-bindgen', 'wasm-pack', 'browser'],
    needs: ['gateway'],
    run: () => [node, 'scripts/wasm-test.mjs'],
  },

  {
    name: 'prettier',
    lane: 'js',
    counts: 'check',
    tools: ['npm'],
    run: () => [bin('prettier'), '--check', '.'],
  },
  { name: 'scripts', lane: 'js', counts: 'node', tools: [], run: () => nodeTests('scripts/tests') },
  { name: 'bench', lane: 'js', counts: 'node', tools: ['npm'], run: () => nodeTests('bench/tests') },
  {
    name: 'deploy',
    lane: 'js',
    counts: 'node',
    tools: ['npm', 'python'],
    run: () => nodeTests('deploy/tests'),
  },
  {
    name: 'eslint',
    lane: 'js',
    counts: 'check',
    tools: ['npm'],
    needs: ['build'],
    run: () => [bin('eslint'), '--max-warnings', '0', '.'],
  },
  {
    name: 'types-pkg',
    lane: 'js',
    counts: 'check',
    tools: ['npm'],
    needs: ['build'],
    run: () => typesOf('pkg'),
  },
  // What an app may write that has declared its messages, and one that has not.
  ...['declared', 'undeclared'].map((folder) => ({
    name: `types-${folder}`,
    lane: 'js',
    counts: 'check',
    tools: ['npm'],
    needs: ['build'],
    run: () => typesOf(`pkg/tests/types/${folder}`),
  })),
  {
    name: 'types-www',
    lane: 'js',
    counts: 'check',
    tools: ['npm'],
    needs: ['build'],
    run: () => typesOf('www'),
  },
  {
    name: 'pkg',
    lane: 'js',
    counts: 'node',
    tools: ['npm'],
    needs: ['build'],
    run: () => nodeTests('pkg/tests'),
  },
  {
    name: 'page',
    lane: 'js',
    counts: 'check',
    tools: ['npm'],
    needs: ['build'],
    run: () => ['npm', 'run', 'build', '--workspace', 'www'],
  },
  {
    name: 'docs',
    lane: 'js',
    counts: 'node',
    tools: ['npm'],
    // Their code is checked against the built package.
    needs: ['build'],
    run: () => nodeTests('docs/tests'),
  },
  {
    name: 'e2e',
    lane: 'alone',
    counts: 'node',
    tools: [...FOR_BUILDS, 'wasm-bindgen', 'browser', 'python', 'node-runtime-client'],
    needs: ['build', 'gateway', 'example'],
    run: () => nodeTests('e2e'),
    env: ofGateway,
  },

  {
    name: 'chaos',
    lane: 'alone',
    counts: 'node',
    tools: [...FOR_BUILDS, 'browser'],
    needs: ['build', 'gateway'],
    run: () => nodeTests('chaos/tests'),
    env: { ...ofGateway, EVERWIRE_ENGINE: 'chromium' },
  },
  {
    name: 'chaos-engines',
    lane: 'alone',
    counts: 'node',
    tools: [...FOR_BUILDS, 'browser', 'engines'],
    needs: ['build', 'gateway'],
    slow: true,
    run: () => nodeTests('chaos/tests'),
    env: { ...ofGateway, EVERWIRE_ENGINE: 'firefox,webkit', CHAOS_FAULTS: process.env.CHAOS_FAULTS ?? '500' },
    minutes: 30,
  },
  {
    name: 'chaos-long',
    lane: 'alone',
    counts: 'node',
    tools: [...FOR_BUILDS, 'browser'],
    needs: ['build', 'gateway'],
    slow: true,
    run: () => [node, '--test', '--test-reporter=spec', 'chaos/tests/random-faults.test.mjs'],
    env: { ...ofGateway, EVERWIRE_ENGINE: 'chromium', CHAOS_FAULTS: process.env.CHAOS_FAULTS ?? '500' },
  },

  {
    name: 'matrix',
    lane: 'alone',
    counts: 'node',
    tools: [...FOR_BUILDS, 'browser'],
    needs: ['build', 'gateway'],
    slow: true,
    run: () => nodeTests('e2e/matrix'),
    env: ofGateway,
    minutes: 20,
  },
  {
    name: 'scoreboard',
    lane: 'alone',
    counts: 'node',
    tools: [...FOR_BUILDS, 'browser'],
    needs: ['build'],
    slow: true,
    run: () => nodeTests('scoreboard'),
  },
  {
    name: 'soak',
    lane: 'alone',
    counts: 'node',
    tools: [...FOR_BUILDS, 'browser'],
    needs: ['build'],
    slow: true,
    run: () => nodeTests('soak'),
    minutes: 20,
  },
  {
    name: 'rust-slow',
    lane: 'cargo',
    counts: 'cargo',
    tools: ['rust', 'npm', ...PEERS],
    slow: true,
    // Tests marked #[ignore]; not doc-tests, where `ignore` means that they are not to be run at all.
    when: hasIgnoredRustTests,
    run: () => ['cargo', 'test', '--workspace', '--tests', '--no-fail-fast', '--', '--ignored'],
    minutes: 30,
  },
]

/** Runs the `*.test.mjs` of one folder, one file at a time. Node 20 has no patterns for test files. */
function nodeTests(folder) {
  const files = existsSync(inRoot(folder)) ? readdirSync(inRoot(folder)) : []
  const tests = files.filter((file) => file.endsWith('.test.mjs')).map((file) => `${folder}/${file}`)
  if (tests.length === 0) return [node, '-e', `console.error('no *.test.mjs in ${folder}/'); process.exit(1)`]
  return [node, '--test', '--test-concurrency=1', '--test-reporter=spec', ...tests]
}

const typesOf = (folder) => [bin('tsc'), '--noEmit', '--pretty', 'false', '-p', folder]

function hasIgnoredRustTests() {
  return rustFiles(root).some((file) => /^\s*#\[ignore\b/m.test(readFileSync(file, 'utf8')))
}

/** All Rust sources below a folder, except built and installed ones. */
function rustFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(\..*|target|node_modules)$/.test(entry.name) ? [] : rustFiles(path)
    return entry.name.endsWith('.rs') ? [path] : []
  })
}
