// `npm test`, and with --all `npm run test:all`: the steps of test-steps.mjs. Options after `--`:
//   --list             names the steps
//   --only NAME,NAME   these, and what they need
//   --all              the slow steps, and what they need: all that `npm test` leaves out
import { readFileSync, rmSync } from 'node:fs'
import { spoken, tailOf } from './announce.mjs'
import { endOnSignals, isEnding, startChild } from './child-processes.mjs'
import { Problem, runMain } from './problem.mjs'
import { inRoot } from './repository.mjs'
import { ensureSetUp } from './setup.mjs'
import { countTests } from './test-counts.mjs'
import { steps } from './test-steps.mjs'

const LOG_LINES_SHOWN = 60
const MINUTES = 15
/** Counting reads the outputs, so they are plain text whatever the caller's terminal can show. */
const PLAIN_OUTPUT = { NO_COLOR: '1', CARGO_TERM_COLOR: 'never', CARGO_TERM_PROGRESS_WHEN: 'never' }

await runMain(async () => {
  endOnSignals()
  const { chosen, list } = readArguments(process.argv.slice(2))
  if (list) return listSteps()
  const { env } = await ensureSetUp(chosen.flatMap(({ tools }) => tools))
  const startedAt = Date.now()
  console.log(
    chosen.length
      ? `${chosen.length} steps; their output: target/test-logs/<step>.log`
      : 'No slow step is there.',
  )
  const results = await runSteps(chosen, { ...withoutColourWishes(env), ...PLAIN_OUTPUT })
  if (isEnding()) return
  summarize(results, Date.now() - startedAt)
})

function readArguments(args) {
  const list = args.includes('--list')
  const all = args.includes('--all')
  const only = args.indexOf('--only')
  const known = new Set(['--list', '--all', '--only'])
  const odd = args.find((arg, index) => !known.has(arg) && (only < 0 || index !== only + 1))
  if (odd) throw new Problem(`${odd} is no option. There are --list, --all, and --only NAME,NAME.`)
  const applicable = steps.filter((step) => step.when?.() ?? true)
  const wanted = only < 0 ? applicable.filter((step) => Boolean(step.slow) === all) : named(args[only + 1])
  return { chosen: withNeeds(wanted), list }
}

function named(names) {
  if (!names) throw new Problem('--only needs names of steps, as --list shows them: --only rust,e2e')
  return names.split(',').map(stepCalled)
}

function stepCalled(name) {
  const step = steps.find((candidate) => candidate.name === name)
  if (!step)
    throw new Problem(`There is no step ${name}. These are there: ${steps.map((s) => s.name).join(', ')}`)
  return step
}

/** These steps and all that they need, in the table's order. */
function withNeeds(wanted) {
  const names = new Set()
  const add = (step) => {
    names.add(step.name)
    for (const need of step.needs ?? []) add(stepCalled(need))
  }
  wanted.forEach(add)
  return steps.filter((step) => names.has(step.name))
}

function listSteps() {
  for (const step of steps) {
    const notes = [step.slow && 'slow', step.needs && `needs ${step.needs.join(', ')}`].filter(Boolean)
    console.log(
      `${step.name.padEnd(12)} ${step.run().slice(0, 6).join(' ')}${notes.map((note) => `  [${note}]`).join('')}`,
    )
  }
}

/** Runs the lanes side by side, then the steps that want the machine to themselves. */
async function runSteps(chosen, env) {
  const finished = new Map()
  const runs = new Map(chosen.map((step) => [step.name, deferred()]))
  const runLane = async (lane) => {
    for (const step of chosen.filter((candidate) => candidate.lane === lane)) {
      const needs = await Promise.all((step.needs ?? []).map((name) => runs.get(name).promise))
      const missing = needs.find((need) => !need.ok)
      const result = missing ? skipped(step, missing) : await runStep(step, env)
      if (isEnding()) return
      finished.set(step.name, result)
      tell(result)
      runs.get(step.name).resolve(result)
    }
  }
  const lanes = new Set(chosen.map((step) => step.lane))
  lanes.delete('alone')
  await Promise.all([...lanes].map(runLane))
  if (!isEnding()) await runLane('alone')
  return [...finished.values()]
}

function deferred() {
  let resolve
  const promise = new Promise((settle) => (resolve = settle))
  return { promise, resolve }
}

function skipped(step, missing) {
  return {
    step,
    ok: false,
    passed: 0,
    failed: 1,
    reason: `not run: it needs ${missing.step.name}, which failed`,
  }
}

async function runStep(step, env) {
  const log = inRoot('target', 'test-logs', `${step.name}.log`)
  rmSync(log, { force: true })
  const [command, ...args] = step.run()
  const startedAt = Date.now()
  const child = startChild(command, args, { env: { ...env, ...step.env }, log })
  const { code, signal, error, outOfTime } = await endedInTime(child, step.minutes ?? MINUTES)
  const counts = countTests(step.counts, readFileSync(log, 'utf8'), code === 0)
  const took = Date.now() - startedAt
  const ranNone = counts.passed + counts.failed === 0
  const broken = signal ? `ended by ${signal}` : code > 1 && `exit code ${code}`
  const reason = error?.message ?? outOfTime ?? (ranNone ? 'it ran no test' : broken)
  if (reason) counts.failed = Math.max(counts.failed, 1)
  return { step, log, took, reason, ...counts, ok: code === 0 && counts.failed === 0 }
}

async function endedInTime(child, minutes) {
  let timer
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, minutes * 60_000, { outOfTime: `ended after ${minutes} minutes` })
  })
  const end = await Promise.race([child.ended, late])
  clearTimeout(timer)
  if (end.outOfTime) await child.end()
  return end
}

function tell({ step, ok, passed, failed, took, reason, log }) {
  const tests =
    step.counts === 'check' ? '' : failed ? `${passed} passed, ${failed} failed` : `${passed} tests`
  const parts = [took === undefined ? '' : spoken(took), tests, reason].filter(Boolean)
  console.log(`${ok ? '✓' : '✗'} ${step.name.padEnd(12)} ${parts.join(', ')}`)
  if (!ok && log) console.log(tailOf(log, LOG_LINES_SHOWN))
}

function summarize(results, took) {
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0)
  const bad = results.filter((result) => !result.ok).map((result) => result.step.name)
  const outcome = bad.length === 0 ? 'all passed' : `failed: ${bad.join(', ')}`
  console.log(`\n${results.length} steps in ${spoken(took)}, ${outcome}`)
  process.exitCode = bad.length === 0 ? 0 : 1
  console.log(`${total('passed')} passed, ${total('failed')} failed`)
}

/** Node warns when both are set. */
function withoutColourWishes(env) {
  const { FORCE_COLOR: _force, CLICOLOR_FORCE: _cli, ...rest } = env
  return rest
}
