// `npm run bench`: measures every part, prints its tables, and keeps them in bench/results/. Options after `--`:
//   ID ID …   these parts only
//   --list    names the parts, and says how long each takes
//   --quick   few repetitions, to see whether it runs: nothing is kept
import { endOnSignals } from '../scripts/child-processes.mjs'
import { Problem, runMain } from '../scripts/problem.mjs'
import { spoken } from '../scripts/announce.mjs'
import { parts } from './parts/index.mjs'
import { keep, keepOverview } from './support/keeping.mjs'
import { machine } from './support/machine.mjs'
import { summarize } from './support/summary.mjs'
import { tables } from './support/tables.mjs'
import { versionsOf } from './support/versions.mjs'

await runMain(async () => {
  endOnSignals()
  const { chosen, list, quick } = readArguments(process.argv.slice(2))
  const minutes = chosen.reduce((sum, part) => sum + part.minutes, 0)
  if (list)
    return chosen.forEach(({ id, title, minutes }) =>
      console.log(`${id.padEnd(12)} ${minutes} min  ${title}`),
    )
  if (!quick)
    console.log(`${chosen.length} parts, about ${minutes} minutes; the machine should do nothing else.`)
  for (const part of chosen) await measure(part, quick)
  if (!quick) await keepOverview(parts)
})

function readArguments(args) {
  const known = ['--list', '--quick', ...parts.map(({ id }) => id)]
  const odd = args.find((arg) => !known.includes(arg))
  if (odd) throw new Problem(`${odd} is neither an option nor a part. There are ${known.join(', ')}.`)
  const some = parts.filter(({ id }) => args.includes(id))
  return {
    chosen: some.length > 0 ? some : parts,
    list: args.includes('--list'),
    quick: args.includes('--quick'),
  }
}

async function measure(part, quick) {
  console.log(`\n→ ${part.title}${quick ? '' : ` (about ${part.minutes} min)`}`)
  const startedAt = Date.now()
  const measures = await part.run({ quick, log: (text) => console.log(`  ${text}`) })
  const result = {
    part: part.id,
    title: part.title,
    date: new Date().toISOString().slice(0, 10),
    machine: await machine(part.browsers),
    versions: { ...versionsOf(part.packages), ...(await part.otherVersions?.()) },
    ...summarize(measures, part.targets),
  }
  console.log(tables(result))
  if (!quick) await keep(result)
  console.log(`✓ ${part.id}: ${spoken(Date.now() - startedAt)}`)
}
