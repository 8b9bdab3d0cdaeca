import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { runAnnounced } from '../../scripts/announce.mjs'
import { cargoEnvironment } from '../../scripts/cargo-environment.mjs'
import { Problem } from '../../scripts/problem.mjs'
import { inRoot } from '../../scripts/repository.mjs'
import { ensureSetUp } from '../../scripts/setup.mjs'
import { startLoad } from '../gateway/load.mjs'
import { cpuSeconds, memoryBytes, untilAtRest } from '../gateway/processes.mjs'
import { installServerlessOffline, makeToken, servers } from '../gateway/servers.mjs'

const GATEWAY = inRoot('target', 'release', 'everwire-gateway')
const PEER = ['bench', 'gateway', 'serverless-offline', 'package-lock.json']

/** As in the bench's other parts. */
const BYTES = 150
/** Handshakes under way, and clients that wait for an answer: enough to keep a server busy. */
const AT_ONCE = 16
const FULL = { repetitions: 3, connections: 10_000, seconds: 4 }
const QUICK = { repetitions: 1, connections: 500, seconds: 1 }

const CONNECTS = 'connects'
const POSTED = 'messages, answered through @connections'
const RETURNED = 'messages, answered by a two-way route'
const PUSHES = 'pushes through @connections'

const against = (metric, bound, cases) =>
  ['serverless-offline', 'serverless-offline --useInProcess'].map((of) => ({
    metric,
    cases,
    subject: 'everwire',
    of,
    ...bound,
  }))

export const gateway = {
  id: 'gateway',
  title: 'The local gateway beside serverless-offline: throughput, CPU, memory',
  minutes: 9,
  otherVersions: async () => {
    const { packages } = JSON.parse(readFileSync(inRoot(...PEER), 'utf8'))
    return {
      'serverless-offline': packages['node_modules/serverless-offline'].version,
      osls: packages['node_modules/serverless'].version,
    }
  },
  targets: [
    ...against('throughput', { atLeast: 10 }, [CONNECTS, POSTED, PUSHES]),
    ...against('CPU of the server for one', { atMost: 0.1 }, [CONNECTS, POSTED, PUSHES]),
    ...against('memory for one idle connection', { atMost: 0.1 }),
  ],
  run: async ({ quick, log }) => {
    const size = quick ? QUICK : FULL
    checkMachine(size)
    await build()
    const results = new Map()
    for (let repetition = 1; repetition <= size.repetitions; repetition++) {
      for (const [name, server] of Object.entries(servers)) {
        log(`${name}, ${repetition} of ${size.repetitions}`)
        for (const sample of await measureServer(server, size)) addTo(results, { subject: name, ...sample })
      }
    }
    return [...results.values()]
  },
}

function checkMachine({ connections }) {
  if (!existsSync('/proc/self/smaps_rollup'))
    throw new Problem('CPU and memory of the servers are read from /proc: this part runs on Linux only.')
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim()
  // What a server has open besides.
  const needed = connections + 500
  if (limit !== 'unlimited' && Number(limit) < needed)
    throw new Problem(
      `A process may have ${limit} files open, and ${connections} connections need ${needed}: raise the limit, ` +
        'with `ulimit -Hn` or in /etc/security/limits.conf.',
    )
}

async function build() {
  const { env } = await ensureSetUp(['rust', 'npm', 'node-runtime-client'])
  for (const [name, about] of [
    ['everwire-gateway', 'the first time about 5 minutes'],
    ['everwire-load', 'the first time about 1 minute'],
  ])
    await runAnnounced({
      name: `build-${name}`,
      what: `building ${name}`,
      about,
      command: 'cargo',
      args: ['build', '--release', '-p', name],
      env,
      remedy: 'The compiler says:',
    })
  await installServerlessOffline()
}

/** One life of a server: from its start, over all that is measured, to its end. */
async function measureServer({ start, answering }, size) {
  const server = await start(await makeToken(mint))
  const load = startLoad()
  try {
    const clients = { server, load, answering, size }
    const empty = await memoryAtRest(server)
    await warmUp(clients)
    return [
      ...(await measureConnecting(clients, empty)),
      ...(await measureMessages(clients)),
      ...(await measurePushes(clients)),
    ]
  } finally {
    await load.end()
    await server.end()
  }
}

const mint = (secret) =>
  execFileSync(GATEWAY, ['token', '--user', 'alice'], {
    env: { ...cargoEnvironment(), EVERWIRE_SECRET: secret },
    encoding: 'utf8',
  }).trim()

/** So that just-in-time compilers and pools of functions have settled. */
async function warmUp({ server, load, answering, size }) {
  await load.run({ do: 'open', url: server.url, count: 20 * AT_ONCE, atOnce: AT_ONCE })
  for (const action of Object.values(answering))
    await load.run({ do: 'send', clients: AT_ONCE, action, bytes: BYTES, seconds: size.seconds })
  await load.run({ do: 'post', clients: AT_ONCE, url: server.posts, bytes: BYTES, seconds: size.seconds })
  await load.run({ do: 'close' })
  await untilAtRest(server.pid)
}

/** Opens all connections, which stay open, and weighs them. */
async function measureConnecting(clients, empty) {
  const { server, size } = clients
  const { connections } = size
  const samples = await timed(clients, CONNECTS, {
    do: 'open',
    url: server.url,
    count: connections,
    atOnce: AT_ONCE,
  })
  const full = await memoryAtRest(server)
  const name = `${connections.toLocaleString('en')} connections`
  return [
    ...samples,
    memory('memory for one idle connection', name, 'KB', (full - empty) / connections / 1e3),
    memory('memory of the server', 'no connection yet', 'MB', empty / 1e6),
    memory('memory of the server', name, 'MB', full / 1e6),
  ]
}

async function measureMessages(clients) {
  const { posting, returning } = clients.answering
  const send = { do: 'send', clients: AT_ONCE, bytes: BYTES, seconds: clients.size.seconds }
  return [
    ...(await timed(clients, POSTED, { ...send, action: posting })),
    ...(returning ? await timed(clients, RETURNED, { ...send, action: returning }) : []),
  ]
}

/** Pushes; and all connections have to be open still. */
async function measurePushes(clients) {
  const { server, load, size } = clients
  const post = { do: 'post', clients: AT_ONCE, url: server.posts, bytes: BYTES, seconds: size.seconds }
  const samples = await timed(clients, PUSHES, post)
  const { count } = await load.run({ do: 'close' })
  if (count !== size.connections) throw new Problem(`Only ${count} connections were open to the end.`)
  return samples
}

/** What the clients do, and what that costs the server and themselves. */
async function timed({ server, load }, name, command) {
  const before = [cpuSeconds(server.pid), cpuSeconds(load.pid)]
  const { count, seconds } = await load.run(command)
  const [servers, clients] = [cpuSeconds(server.pid) - before[0], cpuSeconds(load.pid) - before[1]]
  return [
    { case: name, metric: 'throughput', unit: '/s', sample: count / seconds },
    { case: name, metric: 'CPU of the server for one', unit: 'µs', sample: (servers / count) * 1e6 },
    { case: name, metric: 'how busy the clients were', unit: '%', sample: (clients / seconds) * 100 },
  ]
}

async function memoryAtRest({ pid }) {
  await untilAtRest(pid)
  return memoryBytes(pid)
}

const memory = (metric, name, unit, sample) => ({ case: name, metric, unit, sample })

/** One sample more of a series. */
function addTo(results, { sample, ...series }) {
  const key = JSON.stringify(series)
  const measure = results.get(key) ?? { ...series, samples: [] }
  measure.samples.push(sample)
  results.set(key, measure)
}
