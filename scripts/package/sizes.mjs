// What a bundler makes of an import from the package: which of its modules, and how many bytes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { Problem } from '../problem.mjs'
import { CHUNKS, specifierOf } from './entries.mjs'

/**
 * What a page may download to connect, Brotli, in bytes: the lazily loaded core and the face around it. Some room
 * for mends; it is to come down again.
 */
const BUDGET = 18_200

/**
 * Prints what a page downloads, and holds it to the budget.
 *
 * @param folder whose node_modules have the package
 * @param coreWeights what is in the core, minified: `{ [source]: bytes }`
 */
export async function printSizes(folder, entries, coreWeights) {
  const { face, core, sum, file, javaScript } = await downloadSizes(folder)
  print('What a page downloads to connect (minified, Brotli):', [
    ['face (with the page)', face],
    ['core: WebAssembly and glue (with the first open())', core],
    ['sum', sum],
    ['core.wasm as a file (everwire/slim)', file],
    ['core in JavaScript (where WebAssembly is forbidden)', javaScript],
  ])
  const rows = []
  for (const entry of entries) {
    rows.push([specifierOf(entry), (await bundleImport(folder, entry)).bytes])
    for (const name of await ownNamesOf(folder, entry)) {
      rows.push([`  ${name}`, (await bundleImport(folder, entry, name)).bytes])
    }
  }
  print('What an import adds to the page itself:', rows)
  if (sum > BUDGET) {
    const { weights } = await bundleImport(folder, 'index', 'WSClient')
    print('What is in the face, minified and not compressed:', heaviestFirst(weights))
    print('What is in the core:', heaviestFirst(coreWeights))
    throw new Problem(
      `The sum is ${sum} B, which is over the budget of ${BUDGET} B: make it smaller, or raise BUDGET in scripts/package/sizes.mjs and say in the commit for what.`,
    )
  }
}

function heaviestFirst(weights) {
  return Object.entries(weights).sort(([, one], [, other]) => other - one)
}

/**
 * What a page downloads to connect, in bytes, Brotli: `face` comes with it, `core` with the first open(), `sum` is
 * both; `file` is core.wasm, `javaScript` the core without WebAssembly.
 *
 * @param folder whose node_modules have the package
 */
export async function downloadSizes(folder) {
  const size = (...path) => brotli(readFileSync(installed(folder, ...path)))
  const { bytes: face } = await bundleImport(folder, 'index', 'WSClient')
  const core = size('dist', 'core-wasm.js')
  return {
    face,
    core,
    sum: face + core,
    file: size('core.wasm'),
    javaScript: size('dist', 'core-js.js'),
  }
}

function installed(folder, ...path) {
  return join(folder, 'node_modules', 'everwire', ...path)
}

function print(title, rows) {
  console.log(title)
  for (const [name, bytes] of rows) console.log(`  ${String(bytes).padStart(6)} B  ${name}`)
}

/** What an entry exports, without what it passes on from `everwire` itself. Importing it does nothing else. */
async function ownNamesOf(folder, entry) {
  const load = (entry) => import(pathToFileURL(installed(folder, 'dist', `${entry}.js`)).href)
  const [main, module] = await Promise.all([load('index'), load(entry)])
  const isOwn = (name) => entry === 'index' || module[name] !== main[name]
  return Object.keys(module).filter(isOwn)
}

/**
 * Bundles the import of one name, or of everything, as an app does.
 *
 * Returns `{ bytes, weights }`: the size of what is loaded at once (minified, Brotli, without React), and what each of
 * the package's modules has left in it (minified, `{ [path from dist]: bytes }`). What is loaded lazily does not count.
 */
export async function bundleImport(folder, entry, name = '*') {
  const what = name === '*' ? '* as used' : `{ ${name} as used }`
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `import ${what} from '${specifierOf(entry)}'\nglobalThis.used = used\n`,
      resolveDir: folder,
    },
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    write: false,
    metafile: true,
    outdir: '/',
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['react', 'react-dom'],
    plugins: [lazyChunks],
    logLevel: 'error',
  })
  const { outputs } = metafile
  const loaded = new Set(Object.keys(outputs).filter((path) => outputs[path].entryPoint === '<stdin>'))
  for (const path of loaded) {
    const statically = outputs[path].imports.filter(
      ({ kind, external }) => kind === 'import-statement' && !external,
    )
    for (const { path } of statically) loaded.add(path)
  }
  const inputs = [...loaded].flatMap((path) => Object.entries(outputs[path].inputs))
  const weights = inputs
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && path.includes('/dist/'))
    .map(([path, { bytesInOutput }]) => [path.split('/dist/').at(-1), bytesInOutput])
    .sort(([one], [other]) => (one < other ? -1 : 1))
  const code = Object.keys(outputs).flatMap((path, i) => (loaded.has(path) ? [outputFiles[i].contents] : []))
  return {
    bytes: brotli(Buffer.concat(code)),
    weights: Object.fromEntries(weights),
  }
}

/** Left out, so that what they share with the page is not put into a file of its own. */
const lazyChunks = {
  name: 'lazy chunks',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`/(${CHUNKS.join('|')})\\.js$`) }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    )
  },
}

function brotli(code) {
  return brotliCompressSync(code).length
}
