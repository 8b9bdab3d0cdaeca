// `npm run docs`: sets up and serves the documentation until Ctrl-C.
import { endOnSignals } from './child-processes.mjs'
import { ensurePortIsFree, portFrom } from './ports.mjs'
import { runMain } from './problem.mjs'
import { ensureSetUp } from './setup.mjs'

await runMain(async () => {
  // Ctrl-C is how this is meant to end, so it is no failure.
  endOnSignals(() => 0)
  const port = portFrom('EVERWIRE_DOCS_PORT', 5174)
  await ensurePortIsFree(port, { variable: 'EVERWIRE_DOCS_PORT', purpose: 'the documentation' })
  await ensureSetUp(['npm'])
  // Now that its packages are there.
  const { serveSite, writeReference } = await import('../docs/site.mjs')
  await writeReference()
  await serveSite(port)
  console.log(`
  The documentation   http://127.0.0.1:${port}/

  Ctrl-C ends it.
`)
})
