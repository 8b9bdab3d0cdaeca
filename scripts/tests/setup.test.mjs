import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { browserRemedy } from '../browser.mjs'
import { buildToolsRemedy } from '../node-runtime-client.mjs'
import { freePort } from '../ports.mjs'
import { findPostgresql, postgresqlRemedy, whileMakingNoCluster, withoutMainCluster } from '../postgresql.mjs'
import { pythonRemedy } from '../python.mjs'
import { inRoot } from '../repository.mjs'
import { neededRust } from '../rust-toolchain.mjs'
import { checkNode } from '../setup.mjs'
import { systemNamedIn } from '../system-packages.mjs'
import { lockedVersion } from '../wasm-tools.mjs'

const WASM_BINDGEN = lockedVersion('wasm-bindgen')

/**
 * What the fakes answer: a fresh machine with Rust and a browser. Each notes its call, then runs its line of shell,
 * with `$TOP` the folder of it all.
 */
const FAKES = {
  rustc: 'if [ "$1" = --print ]; then echo "$TOP/sysroot"; else echo "rustc 1.99.0 (fake)"; fi',
  cc: 'echo cc 12',
  rustup:
    'if [ "$1" = target ]; then touch "$TARGET/libcore-1.rlib"; else touch "$RUST/rustfmt" "$RUST/cargo-clippy"; chmod +x "$RUST"/*; fi',
  // `cargo install CRATE --version V … --root ROOT`, the root last.
  cargo: 'for root; do :; done; mkdir -p "$root/bin"; cp "$TOP/parts/$2/"* "$root/bin"',
  // `npm ci … [--prefix FOLDER]`, the folder last.
  npm: [
    'case "$*" in *--prefix*) for folder; do :; done; cd "$folder";; esac',
    'mkdir -p node_modules/aws-lambda-ric; touch node_modules/aws-lambda-ric/rapid-client.node',
    'cp package-lock.json node_modules/.package-lock.json',
  ].join('; '),
  // The system's Python, and what it puts into a virtual environment.
  python3:
    'case "$*" in -c*) echo 3 13;; *venv*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";; *) echo Python 3.13.0;; esac',
  ...Object.fromEntries(['initdb', 'postgres', 'c++', 'make', 'xz', 'tar'].map((name) => [name, 'true'])),
  chromium: 'echo Chromium 140.0.1',
  chromedriver: 'echo ChromeDriver 140.0.1',
}
/** What the fake of Cargo installs, crate by crate. */
const PARTS = {
  'wasm-bindgen-cli/wasm-bindgen': `echo wasm-bindgen ${WASM_BINDGEN}`,
  'wasm-bindgen-cli/wasm-bindgen-test-runner': 'true',
  'wasm-pack/wasm-pack': 'echo wasm-pack 0.15.1',
}

let top

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'everwire-setup-'))
  const members = ['backend', 'bench/gateway/load', 'fleet', 'gateway'].map((crate) => `${crate}/Cargo.toml`)
  const runtimeClient = ['package.json', 'package-lock.json'].map((name) => `examples/functions/node/${name}`)
  for (const path of [
    'scripts',
    'package.json',
    'package-lock.json',
    'Cargo.toml',
    'Cargo.lock',
    ...members,
    ...runtimeClient,
  ]) {
    cpSync(inRoot(path), join(top, 'repository', path), { recursive: true })
  }
  for (const folder of ['sysroot/bin', 'sysroot/lib/rustlib/wasm32-unknown-unknown/lib', 'home']) {
    mkdirSync(join(top, folder), { recursive: true })
  }
  for (const [name, line] of Object.entries(FAKES)) fake(join('bin', name), line)
  for (const [name, line] of Object.entries(PARTS)) fake(join('parts', name), line)
})
afterEach(() => rmSync(top, { recursive: true, force: true }))

test('set-up installs what is missing, and the second time starts nothing but what tells versions', () => {
  const first = setUp()
  assert.equal(first.status, 0, first.stderr)
  assert.deepEqual(first.calls.filter(installs).map(withoutOptions), [
    'cargo install wasm-bindgen-cli',
    'cargo install wasm-pack',
    'npm ci --include=dev',
    'npm ci --no-audit',
    'python -m pip',
    'python3 -m venv',
    'rustup component add',
    'rustup target add',
  ])

  const second = setUp()
  assert.equal(second.stdout, '✓ set-up: all there\n')
  assert.deepEqual(second.calls, [
    'cc --version',
    'chromedriver --version',
    'chromium --version',
    'python --version',
    'rustc --print sysroot',
    'rustc --version',
    'wasm-bindgen --version',
    'wasm-pack --version',
  ])
})

test("programs that Cargo's settings would put elsewhere are put where set-up looks", () => {
  const { calls } = setUp()
  const roots = calls
    .filter((call) => call.startsWith('cargo'))
    .map((call) => / --root (.*)$/.exec(call)?.[1])
  assert.deepEqual(roots, [join(top, 'home/.cargo'), join(top, 'home/.cargo')])
})

test('--start-only leaves out what only tests need', () => {
  rmSync(join(top, 'bin/chromium'))
  const { status, calls, stderr } = setUp('--start-only')
  assert.equal(status, 0, stderr)
  assert.deepEqual(calls.filter(installs).map(withoutOptions), ['npm ci --include=dev', 'rustup target add'])
})

test('without Rust the error names rustup, and nothing is installed', () => {
  for (const program of ['rustc', 'cargo']) rmSync(join(top, 'bin', program))
  const { status, stderr, calls } = setUp()
  assert.equal(status, 1)
  assert.match(stderr, /Install Rust as https:\/\/rustup\.rs says/)
  assert.deepEqual(calls.filter(installs), [])
})

test('a Rust that suits the client but not the gateway is too old', () => {
  fake('bin/rustc', 'if [ "$1" = --print ]; then echo "$TOP/sysroot"; else echo "rustc 1.93.1 (fake)"; fi')
  const { stderr } = setUp()
  assert.match(
    stderr,
    /rustc 1\.93\.1 \(fake\) is too old: 1\.\d+ or newer is needed. Run: rustup update stable/,
  )
})

test('a C compiler that is only a stand-in is missing, and the remedy is one line', () => {
  fake('bin/cc', 'echo "xcode-select: note: no developer tools were found" >&2; exit 1')
  fake('bin/apt-get', 'exit 1')
  const { stderr, calls } = setUp()
  const remedy =
    process.platform === 'darwin' ? /xcode-select --install$/ : /apt-get install build-essential$/
  assert.match(stderr.trim(), remedy)
  assert.deepEqual(calls.filter(installs), [])
})

test('of several browsers the one whose version the driver has is taken', () => {
  fake('bin/chromium', 'echo Chromium 139.0.1')
  fake('bin/google-chrome', 'echo Google Chrome 140.0.1')
  assert.equal(setUp().status, 0)
  fake('bin/google-chrome', 'echo Google Chrome 141.0.1')
  assert.match(
    setUp().stderr,
    /chromium is version 139.*chromedriver is version 140.*google-chrome is version 141/,
  )
})

test('Python packages are installed anew when their lock file or the Python itself has changed', () => {
  const pip = ({ calls }) => calls.filter((call) => call.includes('pip install')).length
  assert.equal(pip(setUp()), 1)
  appendFileSync(join(top, 'repository/scripts/python/requirements.txt'), '# another\n')
  assert.equal(pip(setUp()), 1)
  fake('repository/target/python/bin/python', 'echo Python 3.14.0')
  assert.equal(pip(setUp()), 1)
  assert.equal(pip(setUp()), 0)
})

test('tests are told which Python has the packages, and have the database server on their PATH', () => {
  fake('postgresql/bin/initdb', 'true')
  fake('postgresql/bin/postgres', 'true')
  const show =
    "import { ensureSetUp } from './setup.mjs'\nconsole.log(JSON.stringify((await ensureSetUp(['python', 'postgresql'])).env))"
  writeFileSync(join(top, 'repository/scripts/show.mjs'), show)
  const elsewhere = { PATH: [join(top, 'postgresql/bin'), join(top, 'bin')].join(':') }
  const env = JSON.parse(run('show.mjs', [], elsewhere).stdout.split('\n').at(-2))
  assert.equal(env.EVERWIRE_PYTHON, join(top, 'repository/target/python/bin/python'))
  assert.equal(env.PATH, [join(top, 'postgresql/bin'), elsewhere.PATH].join(':'))
})

test('an installation of Python packages that broke off is begun anew', () => {
  fake('bin/python3', FAKES.python3.replace('echo Python 3.13.0', 'exit 1'))
  assert.equal(setUp().status, 1)
  fake('bin/python3', FAKES.python3)
  const { status, calls } = setUp()
  assert.equal(status, 0)
  assert.deepEqual(calls.filter((call) => call.startsWith('python3 -m')).length, 1)
})

test('a Python that is too old or cannot make virtual environments is passed over', () => {
  for (const unfit of ['echo 3 10', 'echo "No module named ensurepip" >&2; exit 1']) {
    fake('bin/python3', unfit)
    fake('bin/python3.12', FAKES.python3)
    rmSync(join(top, 'repository/target'), { recursive: true, force: true })
    const { status, calls, stderr } = setUp()
    assert.equal(status, 0, stderr)
    assert.ok(calls.some((call) => call.startsWith('python3.12 -m venv')))
  }
})

test('PYTHON names the Python to take, and one that does not suit is a problem', () => {
  fake('bin/another', FAKES.python3)
  const { calls } = run('setup.mjs', [], { PYTHON: join(top, 'bin/another') })
  assert.ok(calls.some((call) => call.startsWith('another -m venv')))
  rmSync(join(top, 'repository/target'), { recursive: true, force: true })
  const { status, stderr } = run('setup.mjs', [], { PYTHON: join(top, 'bin/missing') })
  assert.equal(status, 1)
  assert.match(stderr, /PYTHON is .*missing, but Python 3\.11 or newer with its module venv is needed\./)
})

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGQUIT', 131],
]) {
  test(`${signal} during the set-up of a build by itself ends what the set-up has started`, async () => {
    fake('bin/cargo', 'echo $$ > "$TOP/pid"; exec sleep 600')
    const build = spawn(process.execPath, [join(top, 'repository/scripts/build.mjs')], { env: environment() })
    const ended = new Promise((resolve) => build.once('exit', resolve))
    const pid = Number(await contentOf(join(top, 'pid'), build))
    build.kill(signal)
    assert.equal(await ended, code)
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  })
}

test("Cargo builds into the repository's target folder, whatever the user's own settings say", async () => {
  setUp()
  fake('bin/cargo', 'echo "built for [$CARGO_BUILD_TARGET] into $CARGO_TARGET_DIR" >> "$TOP/calls"; exit 1')
  const settings = {
    CARGO_TARGET_DIR: '/elsewhere',
    CARGO_BUILD_TARGET: 'another',
    EVERWIRE_GATEWAY_PORT: String(await freePort()),
  }
  const { calls, stderr } = run('gateway.mjs', [], settings)
  assert.equal(
    calls.find((call) => call.startsWith('built')),
    `built for [] into ${join(top, 'repository/target')}`,
    stderr,
  )
})

test('the oldest Rust that will do is the newest that any crate asks for', () => {
  const manifests = [
    'rust-version = "1.90"',
    'rust-version = "1.100.1" # why',
    'rust-version.workspace = true',
  ]
  assert.equal(neededRust(manifests), '1.100')
  assert.equal(neededRust(['name = "none"']), undefined)
})

test('the remedy for a missing browser names only what is missing, by the names of the system', () => {
  const both = ['chrome', 'chromedriver']
  assert.match(browserRemedy(both, 'debian', true), /^Run: apt-get install chromium chromium-driver \(/)
  assert.match(browserRemedy(both, 'debian', false), /^Run: sudo apt-get install chromium chromium-driver \(/)
  assert.match(
    browserRemedy(['chromedriver'], 'debian', false),
    /^Run: sudo apt-get install chromium-driver \(/,
  )
  assert.match(
    browserRemedy(['chromedriver'], 'ubuntu', false),
    /install chromium-chromedriver \(or name it with/,
  )
  assert.match(browserRemedy(both, 'macos', false), /^Run: brew install --cask google-chrome chromedriver \(/)
  assert.match(browserRemedy(['chrome'], 'macos', false), /^Run: brew install --cask google-chrome \(/)
  assert.match(browserRemedy(['chrome'], null, false), /package manager, or name it with CHROME_PATH\.$/)
})

test('the remedies for what the gateway and the backend are tested with name the packages of the system', () => {
  assert.match(pythonRemedy('debian', false), /^Run: sudo apt-get install python3 python3-venv \(/)
  assert.match(pythonRemedy(null), /name a newer one with PYTHON\.$/)
  assert.match(postgresqlRemedy('ubuntu', true), /^Run: apt-get install postgresql \(/)
  assert.match(postgresqlRemedy('macos', false), /^Run: brew install postgresql@17 \(/)
  assert.match(postgresqlRemedy(null), /put its folder of programs on the PATH\.$/)
  assert.match(
    buildToolsRemedy(['c++', 'xz'], 'debian', true),
    /with c\+\+, xz: not found\. Run: apt-get install g\+\+ xz-utils$/,
  )
})

test("PostgreSQL's programs are the newest of Debian's if none is on the PATH", () => {
  const newest = join(top, 'postgresql/15/bin')
  for (const name of ['initdb', 'postgres']) {
    fake(`postgresql/9.6/bin/${name}`, 'true')
    fake(`postgresql/15/bin/${name}`, 'true')
  }
  fake('postgresql/17/bin/initdb', 'true') // the client's package alone has no server
  assert.equal(findPostgresql(join(top, 'postgresql'), '/nowhere'), newest)
  assert.equal(findPostgresql(join(top, 'postgresql'), join(top, 'bin')), join(top, 'bin'))
  assert.equal(findPostgresql(join(top, 'missing'), '/nowhere'), undefined)
})

test("Debian's package of PostgreSQL is told to make no cluster, and its other settings are kept", () => {
  const settings = '# Defaults\n# create_main_cluster = true\nstart_conf = auto\n'
  const wanted = '# Defaults\nstart_conf = auto\ncreate_main_cluster = false\n'
  assert.equal(withoutMainCluster(settings), wanted)
  assert.equal(withoutMainCluster(wanted), wanted)
  assert.equal(withoutMainCluster(''), 'create_main_cluster = false\n')
})

test("PostgreSQL's setting of clusters is restored, whether or not the installation succeeds", async () => {
  const file = join(top, 'postgresql-common/createcluster.conf')
  const seen = []
  const install = async () => seen.push(readFileSync(file, 'utf8'))
  const fail = async () => {
    await install()
    throw new Error('no network')
  }
  await whileMakingNoCluster(install, file)
  assert.equal(existsSync(file), false)
  writeFileSync(file, 'start_conf = auto\n')
  await whileMakingNoCluster(install, file)
  await assert.rejects(whileMakingNoCluster(fail, file), /no network/)
  assert.equal(readFileSync(file, 'utf8'), 'start_conf = auto\n')
  const set = 'create_main_cluster = false\n'
  assert.deepEqual(seen, [set, `start_conf = auto\n${set}`, `start_conf = auto\n${set}`])
})

test('Ubuntu and what is made from it are not taken for Debian', () => {
  assert.equal(systemNamedIn('NAME="x"\nID=debian\n'), 'debian')
  assert.equal(systemNamedIn('ID=ubuntu\nID_LIKE=debian\n'), 'ubuntu')
  assert.equal(systemNamedIn('ID=linuxmint\nID_LIKE="ubuntu debian"\n'), 'ubuntu')
  assert.equal(systemNamedIn('ID=fedora\nVERSION_ID=40\n'), undefined)
})

test('Node suits if the npm packages accept it', () => {
  for (const version of ['20.19.0', '20.20.2', '22.13.0', '24.0.0', '25.1.0']) checkNode(version)
  for (const version of ['18.20.0', '20.18.3', '21.7.0', '22.12.0', '23.5.0'])
    assert.throws(() => checkNode(version), /does not suit/, version)
})

/** Runs set-up on the fake machine. */
const setUp = (...args) => run('setup.mjs', args)

/** Runs a script on the fake machine: how it ended, and which programs it started, sorted. */
function run(script, args, settings = {}) {
  const notes = join(top, 'calls')
  rmSync(notes, { force: true })
  const options = { env: { ...environment(), ...settings }, encoding: 'utf8' }
  const command = [join(top, 'repository/scripts', script), ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, options)
  const calls = existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n').sort() : []
  return { status, stdout, stderr, calls }
}

function environment() {
  const home = join(top, 'home')
  return { HOME: home, PATH: [join(top, 'bin'), join(home, '.cargo/bin')].join(':') }
}

/** What is in a file, once something is. */
async function contentOf(file, writer) {
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') {
    assert.equal(writer.exitCode, null, 'it ended before it wrote')
    await sleep(10)
  }
  return readFileSync(file, 'utf8')
}

function fake(path, line) {
  const file = join(top, path)
  const setting = `TOP='${top}' RUST='${top}/sysroot/bin' TARGET='${top}/sysroot/lib/rustlib/wasm32-unknown-unknown/lib'`
  mkdirSync(dirname(file), { recursive: true })
  const body = [`PATH=/usr/bin:/bin ${setting}`, `echo "\${0##*/} $*" >> "$TOP/calls"`, line]
  writeFileSync(file, `#!/bin/sh\n${body.join('\n')}\n`)
  chmodSync(file, 0o755)
}

const installs = (call) => /^(cargo|npm|rustup|apt-get|python3? -m)/.test(call)
const withoutOptions = (call) => call.split(' ').slice(0, 3).join(' ')
