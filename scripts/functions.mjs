// `npm run functions`: makes ready what examples/functions runs: AWS's runtime clients, the gateway, and the binary that
// is deployed.
import { runAnnounced } from './announce.mjs'
import { endOnSignals } from './child-processes.mjs'
import { runMain } from './problem.mjs'
import { ensureSetUp } from './setup.mjs'

endOnSignals()
await runMain(async () => {
  const { env } = await ensureSetUp(['rust', 'python', 'node-runtime-client'])
  await runAnnounced({
    name: 'build-functions',
    what: 'building the gateway and the backend',
    about: 'the first time 4 to 6 minutes',
    command: 'cargo',
    args: ['build', '--release', '-p', 'everwire-gateway', '-p', 'everwire-backend'],
    env,
    remedy: 'The compiler says:',
  })
  console.log(`
  In the folder examples/functions:
    ../../target/release/everwire-gateway serve --demo
`)
})
