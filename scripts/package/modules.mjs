// The TypeScript as ECMAScript modules beside their types, and the chunks that are loaded lazily.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { build } from 'esbuild'
import { inRoot } from '../repository.mjs'
import { CHUNKS, filesIn, readManifest } from './entries.mjs'
import { run } from './run.mjs'

const src = inRoot('pkg', 'src')

/** Modules that the chunks share with what is loaded at once: classes that an app compares with, long texts. */
const SHARED = ['./core.js', './error.js', './state.js']

/** The chunk that is made from the Rust sources altogether: it has no source map. */
export const MADE = 'core-js'

/** The chunk that pages load, unless they forbid WebAssembly. */
const CORE = '/core-wasm.js'

/**
 * Builds pkg/src into the folder `dist`, with what `buildCore` has made.
 *
 * Returns the weights of what is in the core: `{ [source]: bytes }`, minified.
 */
export async function buildModules(dist, made, entries) {
  const tsc = inRoot('node_modules', 'typescript', 'bin', 'tsc')
  const maps = ['--sourceMap', '--inlineSources']
  await run(process.execPath, [tsc, '--project', inRoot('pkg', 'tsconfig.json'), '--outDir', dist, ...maps])
  const { outputs } = await buildChunks(dist, made)
  removeUnreachable(dist, entries)
  for (const map of filesIn(dist, '.js.map')) tidyMap(dist, map)
  const [, { inputs }] = Object.entries(outputs).find(([path]) => path.endsWith(CORE))
  return Object.fromEntries(
    Object.entries(inputs).map(([path, { bytesInOutput }]) => [basename(path), bytesInOutput]),
  )
}

/** Builds the chunks; esbuild's metafile of those that are written by hand. */
async function buildChunks(dist, made) {
  const options = {
    outdir: dist,
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    external: ['./core-js.js', ...SHARED],
    alias: {
      'everwire:core': join(made, 'core-text.js'),
      'everwire:core-js': join(made, 'core-js.js'),
    },
    define: { EVERWIRE_VERSION: JSON.stringify(readManifest().version) },
    allowOverwrite: true,
    logLevel: 'error',
  }
  const source = (name) => join(src, `${name}.ts`)
  const written = CHUNKS.filter((name) => name !== MADE)
  const { metafile } = await build({
    ...options,
    entryPoints: written.map(source),
    sourcemap: true,
    metafile: true,
  })
  // Nobody wrote what is in it.
  rmSync(join(dist, `${MADE}.js.map`))
  await build({ ...options, entryPoints: [source(MADE)] })
  return metafile
}

/** What is only inside the chunks is in no module of its own, nor are its types for anybody else. */
function removeUnreachable(dist, entries) {
  for (const type of ['.js', '.d.ts']) {
    const kept = reachable(dist, type, entries)
    for (const file of filesIn(dist, type)) {
      if (kept.has(file)) continue
      rmSync(join(dist, file))
      rmSync(join(dist, `${file}.map`), { force: true })
    }
  }
}

/** The files of one type that these entries lead to, as paths from `dist`. */
export function reachable(dist, type, entries) {
  const found = new Set(entries.map((entry) => entry + type))
  // A set that grows while it is walked is walked to its new end.
  for (const file of found) {
    const code = readFileSync(join(dist, file), 'utf8')
    for (const [, , specifier] of code.matchAll(/\b(?:from|import)\s*\(?\s*(["'])(\.\.?\/[^"']+)\1/g)) {
      found.add(join(dirname(file), specifier.replace(/\.js$/, type)))
    }
  }
  return found
}

/**
 * Names the sources as they lie in the package's repository, wherever it was built. What the build itself has made is
 * not shown: the WebAssembly would be in the package twice.
 */
function tidyMap(dist, file) {
  const path = join(dist, file)
  const map = JSON.parse(readFileSync(path, 'utf8'))
  const sources = map.sources.map((source) => relative(src, resolve(dirname(path), source)))
  const isMade = (source) => source.startsWith('..')
  map.sourcesContent = map.sourcesContent.map((content, i) =>
    isMade(sources[i]) ? '// Made from the Rust sources by scripts/package/core.mjs.\n' : content,
  )
  map.sources = sources.map((source) => {
    const named = isMade(source) ? join('../made', source.split('/').at(-1)) : join('../src', source)
    return relative(dirname(file), named)
  })
  delete map.sourceRoot
  writeFileSync(path, JSON.stringify(map))
}
