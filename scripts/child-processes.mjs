// Starts programs so that none outlives the script. Each gets a process group of its own: Ctrl-C in a terminal then
// reaches only the script, once, and the script ends each group with all that it has started in turn.
import { execFile, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from './repository.mjs'

/** How long a program may take to end by itself before it is killed. */
const GRACE_MS = 4000

const running = new Set()
let ending = false

/**
 * Starts a program. Its output goes to the file `log`, or line by line to `onLine`, or, without either, to where this
 * script's goes.
 *
 * Returns `{ ended, end }`: a promise of `{ code, signal }`, and a function that ends it and all it has started.
 */
export function startChild(command, args, { env = process.env, cwd = root, log, onLine } = {}) {
  const output = log ? openLog(log) : onLine ? 'pipe' : 'inherit'
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', output, output] })
  if (log) closeSync(output)
  else if (onLine) for (const stream of [child.stdout, child.stderr]) passLines(stream, onLine)

  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, signal: null, error }))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  const handle = { pid: child.pid, ended, end: () => endGroup(child.pid) }
  running.add(handle)
  // What a program leaves behind when it ends (a browser, a server) goes with it.
  void ended.then(() => handle.end()).then(() => running.delete(handle))
  return handle
}

/** The standard output of a program that is over in a moment, or undefined if it is missing or fails. */
export function outputOf(command, args) {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: root, timeout: 20_000 }, (error, stdout) => {
      resolve(error ? undefined : stdout.trim())
    })
  })
}

/** How a program ended, in words. */
export function explainEnd({ code, signal, error }) {
  if (error) return `could not be started: ${error.message}`
  return signal ? `was ended by ${signal}` : `ended by itself, with exit code ${code}`
}

/** Whether everything is being ended: what stops now does so because it was told to. */
export const isEnding = () => ending

/** Ends every program that this script has started and that still runs. */
export async function endAllChildren() {
  ending = true
  await Promise.all([...running].map((child) => child.end()))
}

/**
 * On Ctrl-C, Ctrl-\, SIGTERM and SIGHUP: ends all programs, then this script with the code that `exitCode` gives.
 * Likewise when npm, which has started it, is ended.
 *
 * npm passes on a Ctrl-C that the terminal has delivered already; the second one changes nothing.
 */
export function endOnSignals(exitCode = (signal) => 128 + constants.signals[signal]) {
  const end = (signal) => {
    if (!ending) void endAllChildren().then(() => process.exit(exitCode(signal)))
  }
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal))
  whenNpmEnds(() => end('SIGTERM'))
  process.on('exit', () => {
    for (const child of running) signalGroup(child.pid, 'SIGKILL')
  })
}

/**
 * npm passes SIGINT and SIGTERM on to its child, and says nothing when it ends otherwise. The scripts in package.json
 * begin with `exec` so that this script is that child, and not that of a shell which keeps the signal to itself.
 */
function whenNpmEnds(act) {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && act(), 500).unref()
}

async function endGroup(pid) {
  if (!signalGroup(pid, 'SIGTERM')) return
  const killAt = Date.now() + GRACE_MS
  while (Date.now() < killAt) {
    await sleep(25)
    if (!signalGroup(pid, 0)) return
  }
  signalGroup(pid, 'SIGKILL')
}

/** False if nothing of the group is left. */
function signalGroup(pid, signal) {
  if (pid === undefined) return false
  try {
    process.kill(-pid, signal)
    return true
  } catch {
    return false
  }
}

function openLog(path) {
  mkdirSync(dirname(path), { recursive: true })
  return openSync(path, 'a')
}

function passLines(stream, onLine) {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()
    lines.forEach((line) => onLine(line))
  })
  stream.on('end', () => rest && onLine(rest))
}
