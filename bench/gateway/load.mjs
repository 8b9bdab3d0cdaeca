import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Problem } from '../../scripts/problem.mjs'
import { inRoot } from '../../scripts/repository.mjs'
import { onCore } from './cores.mjs'

/**
 * Starts the clients (load/). Returns `{ pid, run, end }`: `run(command)` has them do something, and resolves with
 * `{ count, seconds }`; load/src/main.rs has the commands.
 */
export function startLoad() {
  const [command, args] = onCore('clients', inRoot('target', 'release', 'everwire-load'), [])
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const run = async (command) => {
    child.stdin.write(`${JSON.stringify(command)}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Problem(`The clients could not ${command.do}. Their own words are above.`)
    return JSON.parse(value)
  }
  const end = async () => {
    child.stdin.end()
    await ended
  }
  return { pid: child.pid, run, end }
}
