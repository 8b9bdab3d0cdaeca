import { readFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { inRoot } from '../../scripts/repository.mjs'
import { HEARTBEAT } from './arena.mjs'
import { notes } from './notes.mjs'

const MARKS = { good: '✓', fair: '~', bad: '✗', none: '–' }

/** docs/scoreboard.md, as text. */
export async function pageOf({ scenarios, clients, resultOf, sizes }) {
  const text = [
    '# Scoreboard',
    '',
    '<!-- Written by `npm run scoreboard`: do not edit. -->',
    '',
    INTRODUCTION,
    '',
    ...tableOf({ scenarios, clients, resultOf }),
    '',
    '✓ good · ~ with a cost, or told · ✗ not good · – not applicable',
    '',
    '## What was done, and what counts',
    '',
    ...scenarios.map(({ name, done, counts }) => `- **${name}.** ${done} ${counts}`),
    '',
    `“Heartbeats” are set to one every ${HEARTBEAT.everyMs / 1000} s with ${HEARTBEAT.timeoutMs / 1000} s to answer in all clients that have such options, so that nobody has to wait for a minute. As they come, a dead connection is found after 40 s at the latest by Everwire, 35 s by centrifuge, 15 s with graphql-ws’s recipe, and a minute by react-use-websocket, which then waits for the browser.`,
    '',
    '## About some of the cells',
    '',
    ...notes.map((note) => `- ${note}`),
    '',
    '## Who took part, and how they were set up',
    '',
    '| client | version | settings | – because it |',
    '| --- | --- | --- | --- |',
    ...clients.map(rowOfClient),
    '',
    '## Size',
    '',
    SIZES,
    '',
    '| client | minified | gzip | brotli |',
    '| --- | ---: | ---: | ---: |',
    ...sizes.map(({ name, ...bytes }) => `| ${name} | ${columns(bytes)} |`),
    '',
  ].join('\n')
  return format(text, { ...(await resolveConfig(inRoot('docs'))), parser: 'markdown' })
}

const INTRODUCTION = `
What connections go through, tried on Everwire and on the clients that people use instead of it. Each client ran in a page of its own in headless Chromium, behind a TCP proxy that makes the trouble ([chaos/support](../chaos/support)), with a server of its own.

To see it again: \`npm run scoreboard\` (about 5 minutes; it takes the package as it was built last). One scenario or client alone: \`npm run scoreboard -- black-hole everwire\`. The names are in [scoreboard/](../scoreboard).

The figures are what was seen in one run. Waits are drawn at random by those who do so, and a busy machine adds to them: compare the marks and the orders of magnitude, not the tenths of a second. Every adapter is a page long: if a client looks worse here than it is, [its adapter](../scoreboard/clients) is the place to mend.
`.trim()

const SIZES = `
Bundled and minified by esbuild, in bytes; React is not counted. Everwire is the largest but one: it brings its core as WebAssembly, which is loaded by the first \`open()\`, while the token is fetched.
`.trim()

function tableOf({ scenarios, clients, resultOf }) {
  const cell = (scenario, client) => {
    const { verdict, text } = resultOf(scenario, client)
    return verdict === 'none' ? MARKS.none : `${MARKS[verdict]} ${text}`
  }
  return [
    `| | ${clients.map(titleOf).join(' | ')} |`,
    `| --- |${' --- |'.repeat(clients.length)}`,
    ...scenarios.map(
      (scenario) => `| ${scenario.name} | ${clients.map((client) => cell(scenario, client)).join(' | ')} |`,
    ),
  ]
}

/** `name` or `name, documented`. */
const titleOf = ({ id }) => (id === 'article' ? 'the article’s' : id.replace(':', ', '))

function rowOfClient(client) {
  const { settings, without = {}, packages } = client
  const reasons = Object.entries(without).map(([scenario, reason]) => `${reason} (${scenario})`)
  const versions = packages.map((name) => `${versionOf(name)}`)
  return `| ${titleOf(client)} | ${versions.join(', ')} | ${settings} | ${reasons.join('; ')} |`
}

const versionOf = (name) =>
  JSON.parse(readFileSync(inRoot('node_modules', name, 'package.json'), 'utf8')).version

const columns = ({ minified, gzip, brotli }) =>
  [minified, gzip, brotli].map((bytes) => bytes.toLocaleString('en')).join(' | ')
