// `npm run scoreboard`: plays every scenario with every client, and writes docs/scoreboard.md.
//
// Names of clients and scenarios, as in `npm run scoreboard -- everwire restart`, play these only and write nothing.
import { mkdirSync, writeFileSync } from 'node:fs'
import { inRoot } from '../scripts/repository.mjs'
import { clients } from './clients.mjs'
import { scenarios } from './scenarios/index.mjs'
import { pageOf } from './support/page-of.mjs'
import { sizes } from './support/sizes.mjs'
import { tournament } from './support/tournament.mjs'

const wanted = process.argv.slice(2)
const chosen = (all) => {
  const some = all.filter(({ id }) => wanted.includes(id))
  return some.length > 0 ? some : all
}

const played = { scenarios: chosen(scenarios), clients: chosen(clients) }
const raw = []
const resultOf = await tournament(played.scenarios, played.clients, (scenario, client, result) => {
  raw.push({ scenario: scenario.id, client: client.id, ...result })
  console.log(`${scenario.id} · ${client.id} · ${result.verdict} · ${result.text}`)
})

mkdirSync(inRoot('target', 'scoreboard'), { recursive: true })
writeFileSync(inRoot('target', 'scoreboard', 'raw.json'), JSON.stringify(raw, undefined, 2))
if (wanted.length === 0) {
  writeFileSync(
    inRoot('docs', 'scoreboard.md'),
    await pageOf({ ...played, resultOf, sizes: await sizes(clients) }),
  )
  console.log('docs/scoreboard.md is written; the raw data is in target/scoreboard/raw.json')
}
