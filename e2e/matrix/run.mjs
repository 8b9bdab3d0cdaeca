// `npm run matrix`: tries every app of examples/, and writes docs/matrix.md.
//
// Folders of examples/, as in `npm run matrix -- parcel next`, try these only and write nothing.
import { writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { endOnSignals } from '../../scripts/child-processes.mjs'
import { runMain } from '../../scripts/problem.mjs'
import { inRoot } from '../../scripts/repository.mjs'
import { apps } from './apps.mjs'
import { matrix } from './matrix.mjs'
import { problemOf, tableOf } from './table.mjs'

const INTRODUCTION = `
# Works with

<!-- Written by \`npm run matrix\`: do not edit. -->

Each app of [examples/](../examples), installed from its lock file with the packed package, outside the repository; built with its tool's own command; then, against the real gateway:

- **rendered**: the page shows itself while the core is still held back, and, where a server renders it, stands in the server's HTML
- **connected**: it shows \`open\`
- **message shown**: it shows a notification that was pushed to it
- **reconnected**: the gateway is killed and started again, and the page shows the next notification
- **console clean**: no warning, no error, nothing about hydration, but for the browser's own words about the gateway that was away
- **core once, lazily**: exactly one copy of the core was downloaded, and not with the page

Pages are opened in headless Chromium. Test runners run the app's own test, which does the same with the fake server of \`everwire/testing\`; Node runs the app's own program.
`.trim()

endOnSignals()
await runMain(async () => {
  const wanted = process.argv.slice(2)
  const chosen = wanted.length > 0 ? apps.filter(({ id }) => wanted.includes(id)) : apps
  const rows = await matrix(chosen, (row) => {
    console.log(`${row.observed.problem ? '✗' : '✓'} ${problemOf(row) ?? `${row.app.id}, ${row.how}`}`)
  })
  console.log(`\n${tableOf(rows)}`)
  if (wanted.length > 0) return
  const page = `${INTRODUCTION}\n\n${tableOf(rows)}\n\n✓ seen · ✗ not seen · – not looked for\n`
  const style = await resolveConfig(inRoot('docs', 'matrix.md'))
  writeFileSync(inRoot('docs', 'matrix.md'), await format(page, { ...style, parser: 'markdown' }))
  console.log('\ndocs/matrix.md is written')
})
