// `npm start` as a person uses it, from the first line that it prints to Ctrl-C.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { after, it } from 'node:test'
import { freePort } from '../scripts/ports.mjs'

const root = new URL('..', import.meta.url).pathname
// Not the release build that a person gets: it takes minutes.
const program = process.env.EVERWIRE_GATEWAY_PROGRAM ?? 'target/debug/everwire-gateway'

let npm

after(async () => {
  if (npm && isRunning(npm)) {
    process.kill(-npm.pid, 'SIGTERM')
    await npm.ended
  }
})

it(
  'npm start starts what it says, takes commands, and leaves nothing behind',
  { timeout: 300_000 },
  async () => {
    const [gatewayPort, pagePort] = await Promise.all([freePort(), freePort()])
    npm = start({ EVERWIRE_GATEWAY_PORT: gatewayPort, EVERWIRE_PAGE_PORT: pagePort })

    const [, page] = await npm.says(/The demo page +(http:\S+)/)
    const [, gateway] = await npm.says(/The gateway +ws:(\S+)/)
    const [, push] = await npm.says(/from another terminal in this folder:\n +(.+)\n/)
    await npm.says(/Ctrl-C ends both/)
    assert.match(await (await fetch(page)).text(), /<div id="root">/)
    assert.equal(await signIn(gateway), 200)

    assert.match(push, /everwire-gateway send /)
    const pushed = spawnSync('sh', ['-c', push], { cwd: root, encoding: 'utf8' })
    assert.match(pushed.stdout + pushed.stderr, /alice is not connected/)

    npm.stdin.write('g\n')
    await npm.says(/the gateway is stopped/)
    await assert.rejects(signIn(gateway))
    npm.stdin.write('g\n')
    await npm.says(/the gateway is up again/)
    assert.equal(await signIn(gateway), 200)

    const started = withDescendants(npm.pid)
    assert.ok(started.length >= 4, 'npm, the script, the gateway and the page at least')
    // As Ctrl-C in a terminal does.
    process.kill(-npm.pid, 'SIGINT')
    assert.deepEqual(await npm.ended, { code: 0, signal: null })
    const left = processes().map(({ pid }) => pid)
    assert.deepEqual(
      started.filter(({ pid }) => left.includes(pid)),
      [],
    )
    assert.deepEqual([await freePort(gatewayPort), await freePort(pagePort)], [gatewayPort, pagePort])
  },
)

/** `npm start` in a process group of its own, as a shell would start it. */
function start(environment) {
  const env = { ...process.env, ...environment, EVERWIRE_GATEWAY_PROGRAM: program }
  const child = spawn('npm', ['start'], { cwd: root, env, detached: true, stdio: 'pipe' })
  let output = ''
  const checks = new Set()
  const take = (text) => {
    output += text
    for (const check of checks) check()
  }
  child.stdout.setEncoding('utf8').on('data', take)
  child.stderr.setEncoding('utf8').on('data', take)
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))

  /** The first match in what it has printed so far, or will. */
  function says(pattern) {
    return new Promise((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(output)
        if (!match) return
        checks.delete(check)
        resolve(match)
      }
      checks.add(check)
      check()
      void ended.then(({ code }) =>
        reject(new Error(`it ended with ${code} before it said ${pattern}:\n${output}`)),
      )
    })
  }
  return Object.assign(child, { ended, says })
}

const isRunning = ({ exitCode, signalCode }) => exitCode === null && signalCode === null

async function signIn(gateway) {
  const { origin } = new URL(`http:${gateway}`)
  const response = await fetch(`${origin}/demo/sign-in`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"user":"alice"}',
  })
  return response.status
}

function withDescendants(pid) {
  const all = processes()
  const below = (parent) =>
    all.filter(({ ppid }) => ppid === parent).flatMap((one) => [one, ...below(one.pid)])
  return [...all.filter((one) => one.pid === pid), ...below(pid)]
}

/** All processes of this machine that have not ended; those that wait for their parent to notice have. */
function processes() {
  const rows = existsSync('/proc/self/stat') ? linuxProcesses() : listedProcesses()
  return rows
    .filter(([, , state]) => !state.startsWith('Z'))
    .map(([pid, ppid, , name]) => ({ pid: Number(pid), ppid: Number(ppid), name }))
}

/** Without `ps`, which small images do not have. */
function linuxProcesses() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [, name, state, ppid] = /\((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))
        return [[pid, ppid, state, name]]
      } catch {
        // It has ended since it was listed.
        return []
      }
    })
}

function listedProcesses() {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,comm='], { encoding: 'utf8' })
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
}
