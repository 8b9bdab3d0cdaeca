import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { runAnnounced } from '../../scripts/announce.mjs'
import { cargoEnvironment } from '../../scripts/cargo-environment.mjs'
import { inRoot } from '../../scripts/repository.mjs'

const run = promisify(execFile)

const BACK = '99 % back ÷ ideal'
const ATTEMPTS = 'attempts per client'
const ALONE = 'one client alone, back after the server, median'
const ALONE_WORST = 'one client alone, back after the server, worst'

const MILLION = '1,000,000'
const HINTED = 'everwire, hinted'

/** How long the server is away from a client that is alone. */
const OUTAGES = { '1 s': 1_000, '5 s': 5_000, '30 s': 30_000, '5 min': 300_000, '1 h': 3_600_000 }

/** What each model is a model of, by its name, as the simulator says. */
const models = {}

/** Fleets of all sizes in one outage, and single clients in outages of all lengths: all in simulated time. */
export const fleet = {
  id: 'fleet',
  title: 'fleets after an outage: how long until all are back, and how many attempts it takes',
  minutes: 9,
  packages: [],
  otherVersions: async () => models,
  browsers: [],
  targets: [
    { metric: BACK, subject: 'everwire', atMost: 1.3 },
    { metric: BACK, subject: HINTED, atMost: 1.05 },
    { metric: ATTEMPTS, cases: ['1,000', '10,000', '100,000'], subject: 'everwire', atMost: 8 },
    { metric: ATTEMPTS, cases: [MILLION], subject: 'everwire', atMost: 20 },
    { metric: ATTEMPTS, subject: HINTED, atMost: 2.1 },
  ],
  async run({ quick, log }) {
    await runAnnounced({
      name: 'build-fleet',
      what: 'building the simulator',
      about: 'a minute the first time',
      command: 'cargo',
      args: ['build', '--release', '-p', 'everwire-fleet'],
      env: cargoEnvironment(),
      remedy: 'The compiler says:',
    })
    return [...(await outages(quick, log)), ...(await loneClients(quick, log))]
  },
}

/** Every socket drops at once; nothing but the quota, 500 a second, is in the way. Samples are seeds. */
async function outages(quick, log) {
  const series = new Series()
  for (const seed of quick ? [1] : [1, 2, 3]) {
    log(`seed ${seed}`)
    const args = ['--scenario', 'throttled', '--seed', seed]
    const sizes = quick ? '1000,10000' : '1000,10000,100000'
    for (const report of await simulate([...args, '--policy', 'all', '--clients', sizes])) series.add(report)
    for (const report of await simulate([...args, '--hint', '--clients', sizes])) series.add(report, HINTED)
    if (quick) continue
    for (const report of await simulate([...args, '--clients', 1_000_000])) series.add(report)
    for (const report of await simulate([...args, '--clients', 1_000_000, '--hint']))
      series.add(report, HINTED)
    // A million of clients that try hundreds of times each take hours: the others are simulated at a hundredth, in
    // which the outage is as long.
    const hundredth = [...args, '--policy', 'all', '--clients', 10_000, '--rate', 5]
    for (const report of await simulate(hundredth))
      series.add(report, report.policy, `${MILLION}, a hundredth`)
  }
  return series.measures
}

/** A quota that is in nobody's way: each of the clients is alone. Outages from so long to half as long again. */
async function loneClients(quick, log) {
  const series = new Series()
  const parts = quick ? [0] : [0, 1, 2, 3, 4, 5, 6, 7]
  for (const [length, ms] of Object.entries(OUTAGES)) {
    log(`alone, ${length}`)
    for (const part of parts) {
      const away = Math.round(ms * (1 + part / 16))
      const alone = ['--clients', 2_000, '--rate', 1_000_000]
      const reports = await simulate(['--away-ms', away, '--policy', 'all', ...alone])
      for (const {
        policy,
        back_after_s: [median, , , worst],
      } of reports) {
        series.push(ALONE, 's', length, policy, median)
        series.push(ALONE_WORST, 's', length, policy, worst)
      }
    }
  }
  return series.measures
}

/** Samples by metric, case and subject, in the order in which these first come. */
class Series {
  measures = []

  add(report, subject = report.policy, name = report.clients.toLocaleString('en')) {
    this.push(BACK, '', name, subject, report.back_after_ideals[2])
    this.push(ATTEMPTS, '', name, subject, report.attempts_mean)
  }

  push(metric, unit, name, subject, sample) {
    const isOf = (measure) =>
      measure.metric === metric && measure.case === name && measure.subject === subject
    let measure = this.measures.find(isOf)
    if (!measure) this.measures.push((measure = { case: name, metric, unit, subject, samples: [] }))
    if (sample === null) Object.assign(measure, { samples: undefined, text: 'never' })
    else measure.samples?.push(sample)
  }
}

/** Runs the simulator; its reports. */
async function simulate(args) {
  const { stdout } = await run(inRoot('target', 'release', 'everwire-fleet'), ['--json', ...args.map(String)])
  const reports = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  for (const { is_real, model_of } of reports) {
    const [, name, version] = /^(\S+) (\d\S*)$/.exec(model_of) ?? []
    if (!is_real && name) models[name] = version
  }
  return reports
}
