import { existsSync, readFileSync, rmSync } from 'node:fs'
import { startChild } from './child-processes.mjs'
import { Problem } from './problem.mjs'
import { inRoot } from './repository.mjs'

/** Seconds, as people say them: `0.8 s`, `42 s`, `3 min 5 s`. */
export function spoken(milliseconds) {
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** The last lines of a log, indented, to be shown below a failure. */
export function tailOf(log, lines) {
  const text = existsSync(log) ? readFileSync(log, 'utf8').trimEnd() : ''
  return text
    .split('\n')
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join('\n')
}

/**
 * Runs one command and says so: what and about how long, then how long it took.
 *
 * Its output goes to `target/setup-logs/<name>.log`; if it fails, the end of that and `remedy` are the error.
 */
export async function runAnnounced({ name, what, about, command, args, env, cwd, remedy }) {
  const log = inRoot('target', 'setup-logs', `${name}.log`)
  rmSync(log, { force: true })
  console.log(`→ ${what} (${about})`)
  const startedAt = Date.now()
  const { code, error } = await startChild(command, args, { env, cwd, log }).ended
  if (code !== 0) {
    throw new Problem(`${what}: failed. ${remedy}\n${error ? `    ${error.message}` : tailOf(log, 30)}`)
  }
  console.log(`✓ ${what}: ${spoken(Date.now() - startedAt)}`)
}
