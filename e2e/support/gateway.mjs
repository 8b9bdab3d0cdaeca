import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const program = process.env.EVERWIRE_GATEWAY_PROGRAM ?? 'target/debug/everwire-gateway'
const run = promisify(execFile)

/** The real gateway in a process of its own, which a test may kill and start again on the same port. */
export class Gateway {
  #process
  #log = ''
  #args = []
  #env = { ...process.env, EVERWIRE_SECRET: randomBytes(32).toString('hex') }

  /** With these options beside its usual ones, and these variables beside this process's. */
  static async start({ database = ':memory:', args = [], env = {} } = {}) {
    const gateway = new Gateway()
    gateway.#args = ['--database', database, ...args]
    Object.assign(gateway.#env, env)
    await gateway.start('0')
    return gateway
  }

  async start(port = this.port) {
    // One answer after the other, so that a test may rely on their order.
    const args = ['serve', '--demo', '--serial', '--listen', `127.0.0.1:${port}`, ...this.#args]
    this.#process = spawn(program, args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] })
    // Not left behind when the test itself is ended.
    const kill = () => this.#process.kill('SIGKILL')
    process.once('exit', kill)
    this.#process.once('exit', () => process.off('exit', kill))
    this.#process.stderr.on('data', (text) => (this.#log += text))
    const line = await firstLine(this.#process)
    this.url = /ws:\S+/.exec(line)?.[0]
    if (!this.url) throw new Error(`the gateway did not start: ${line}\n${this.#log}`)
    const { host, port: bound } = new URL(this.url)
    this.port = bound
    this.origin = `http://${host}`
    this.endpoint = `${this.origin}/dev`
  }

  /** As `kill -9` does: no goodbye to anybody. */
  kill = () => this.#end('SIGKILL')

  /** As Ctrl-C does; its functions are ended with it. */
  stop = () => this.#end('SIGINT')

  async #end(signal) {
    const ended = new Promise((done) => this.#process.once('exit', done))
    this.#process.kill(signal)
    await ended
  }

  /** An access token of any user, whatever the name. */
  async token(user) {
    const { stdout } = await run(program, ['token', '--user', user], { env: this.#env })
    return stdout.trim()
  }

  /** What a person types to push a notification; the line that it prints. */
  async push(user, message) {
    const args = ['send', '--endpoint', this.endpoint, '--user', user, JSON.stringify(message)]
    const { stdout } = await run(program, args, { env: this.#env })
    return stdout.trim()
  }

  /** How many connections `user` has, as the gateway sees it. */
  async connectionsOf(user) {
    const args = ['send', '--endpoint', this.endpoint, '--user', user, '"are you there?"']
    return run(program, args, { env: this.#env }).then(
      ({ stdout }) => Number(/delivered to (\d+)/.exec(stdout)[1]),
      ({ stderr }) => {
        if (stderr.includes('is not connected')) return 0
        throw new Error(stderr)
      },
    )
  }

  /** Calls one of the demo's endpoints. */
  async demo(path, body, token) {
    const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) }
    const init = { method: 'POST', headers, body: JSON.stringify(body ?? {}) }
    const response = await fetch(`${this.origin}/demo/${path}`, init)
    return response.json()
  }

  /** Everything it has logged. */
  get log() {
    return this.#log
  }
}

function firstLine(child) {
  return new Promise((resolve) => {
    createInterface(child.stdout).once('line', resolve)
    child.once('exit', (code) => resolve(`it ended with code ${code}`))
  })
}
