// The same modules for `require`: each transformed by itself, so that all entries share one copy of each.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { filesIn } from './entries.mjs'

/** Writes a `.cjs` beside each `.js` of the folder `dist`, and a `.d.cts` beside each `.d.ts`. */
export async function buildCommonJs(dist) {
  await Promise.all(filesIn(dist, '.js').map((file) => transformModule(join(dist, file))))
  for (const file of filesIn(dist, '.d.ts')) {
    const types = readFileSync(join(dist, file), 'utf8')
    const specifiers = /\b((?:from|import)\s*\(?\s*)(["'])(\.\.?\/[^"']+)\.js\2/g
    writeFileSync(join(dist, file.replace(/ts$/, 'cts')), types.replace(specifiers, '$1$2$3.cjs$2'))
  }
}

/**
 * `import()` becomes `require`, later: Jest has no `import()` in CommonJS without flags, and Node's would load the
 * ECMAScript copy of a chunk, whose errors would be of another class than the app's.
 */
async function transformModule(path) {
  const { code } = await transform(readFileSync(path, 'utf8'), {
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    supported: { 'dynamic-import': false },
    minify: path.includes('core-'),
    logLevel: 'error',
  })
  const specifiers = /\brequire\((["'])(\.\.?\/[^"']+)\.js\1\)/g
  writeFileSync(path.replace(/js$/, 'cjs'), code.replace(specifiers, 'require($1$2.cjs$1)'))
}
