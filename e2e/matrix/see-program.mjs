import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'

const WITHIN_MS = 30_000

/** Runs a program that prints what it sees, pushes to it, kills its gateway and starts it again. */
export async function seeProgram(observed, { app, env, gateway, script }) {
  const printed = new Printed()
  const child = app.start(['npm', 'run', '--silent', script], env, { onLine: printed.add })
  void child.ended.then(() => printed.add('it has ended'))
  const prints = async (title) => {
    await gateway.push('alice', { action: 'notification', title })
    await printed.line(`notification: ${title}`)
  }
  try {
    await observed.see('connected', () => printed.line('state: open'))
    await observed.see('message', () => prints('Before the loss'))
    await observed.see('reconnected', async () => {
      await gateway.kill()
      await printed.line('state: waiting')
      printed.forget()
      await gateway.start()
      await printed.line('state: open')
      await prints('After the loss')
    })
    await observed.see('clean', () => assert.deepEqual(printed.complaints, []))
    return {}
  } finally {
    await child.end()
  }
}

/** The lines that a program has printed. */
class Printed extends EventEmitter {
  #lines = []
  /** What is neither a state nor a notification. */
  complaints = []

  add = (line) => {
    this.#lines.push(line)
    if (!/^(state|notification): /.test(line)) this.complaints.push(line)
    this.emit('line')
  }

  forget = () => (this.#lines = [])

  /** Settles when this line is there; rejects after a while, or when there is a complaint, with what was printed. */
  async line(wanted) {
    const signal = AbortSignal.timeout(WITHIN_MS)
    while (!this.#lines.includes(wanted)) {
      if (this.complaints.length > 0 || signal.aborted) {
        throw new Error(`"${wanted}" was not printed; this was:\n${this.#lines.join('\n')}`)
      }
      await once(this, 'line', { signal }).catch(() => undefined)
    }
  }
}
