import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../problem.mjs'
import { inRoot, readInRoot } from '../repository.mjs'

/** What is loaded when a client is opened: each with everything that it alone needs, in one file. */
export const CHUNKS = ['core-wasm', 'core-slim', 'core-js']

/**
 * The entries of the package, as the exports of its package.json say: `index` for `everwire` itself, `react` for
 * `everwire/react`. An entry is the module of that name in pkg/src.
 */
export function entriesOf({ exports }) {
  const subpaths = Object.keys(exports).filter((subpath) => exports[subpath].import)
  return subpaths.map((subpath) => (subpath === '.' ? 'index' : subpath.slice(2)))
}

/** The package's own package.json. */
export function readManifest() {
  return JSON.parse(readInRoot('pkg', 'package.json'))
}

/** The name by which an app imports an entry. */
export function specifierOf(entry) {
  return entry === 'index' ? 'everwire' : `everwire/${entry}`
}

/** Refuses exports without a source: they would be found missing only in somebody's app. */
export function checkEntries(entries) {
  for (const entry of entries) {
    const found = ['ts', 'tsx'].some((type) => existsSync(inRoot('pkg', 'src', `${entry}.${type}`)))
    if (found) continue
    throw new Problem(
      `pkg/package.json exports ${specifierOf(entry)}, but there is no pkg/src/${entry}.ts: write it, or take it out of the exports.`,
    )
  }
}

/** The files below a folder whose names end so, as paths from there. */
export function filesIn(folder, ending) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  const prefix = join(folder, '/').length
  return files.map((file) => join(file.parentPath, file.name).slice(prefix)).filter((f) => f.endsWith(ending))
}
