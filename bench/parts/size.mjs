import { bundleImport, downloadSizes } from '../../scripts/package/sizes.mjs'
import { inRoot } from '../../scripts/repository.mjs'
import { sizesOfOthers } from '../../scoreboard/support/sizes.mjs'

const METRIC = 'download (Brotli)'
const WITH_PAGE = 'with the page'
const LATER = 'with the first open()'
const ALL = 'in all'

/** Sizes are counts: they come out the same each time. */
const bytes = (subject, name, count) => ({ case: name, metric: METRIC, unit: 'B', subject, samples: [count] })

async function everwireSizes() {
  const { face, core, sum, javaScript } = await downloadSizes(inRoot())
  const { bytes: withHook } = await bundleImport(inRoot(), 'react', 'default')
  return [
    bytes('everwire', WITH_PAGE, face),
    bytes('everwire', LATER, core),
    bytes('everwire', ALL, sum),
    bytes('everwire where WebAssembly is forbidden', WITH_PAGE, face),
    bytes('everwire where WebAssembly is forbidden', LATER, core + javaScript),
    bytes('everwire where WebAssembly is forbidden', ALL, sum + javaScript),
    bytes('everwire/react: the hook adds', WITH_PAGE, withHook - face),
  ]
}

export const size = {
  id: 'size',
  title: 'What a page downloads',
  minutes: 1,
  packages: [
    'everwire',
    ...['partysocket', 'reconnecting-websocket', 'react-use-websocket', 'graphql-ws', 'centrifuge'],
    ...['socket.io-client', 'phoenix', 'ably', 'sockette', 'rxjs', 'esbuild'],
  ],
  targets: [
    { metric: METRIC, cases: [ALL], subject: 'everwire', atMost: 16_000 },
    { metric: METRIC, cases: [ALL], subject: 'everwire', atMost: 12_000 },
    { metric: METRIC, cases: [WITH_PAGE], subject: 'everwire', atMost: 2_500 },
    { metric: METRIC, cases: [WITH_PAGE], subject: 'everwire/react: the hook adds', atMost: 1_500 },
  ],
  async run() {
    const others = await sizesOfOthers()
    others.sort((one, other) => one.brotli - other.brotli)
    return [
      ...(await everwireSizes()),
      ...others.flatMap(({ name, brotli }) => [bytes(name, WITH_PAGE, brotli), bytes(name, ALL, brotli)]),
    ]
  },
}
