// For bundlers and type checkers that do not read `exports` (Parcel, webpack 4, TypeScript's `node10`): they look for
// `everwire/react` as a folder.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes a folder for each entry but the main one, whose package.json leads to the files in `dist`. */
export function writeShims(folder, entries) {
  for (const entry of entries.filter((entry) => entry !== 'index')) {
    const fields = {
      main: `../dist/${entry}.cjs`,
      module: `../dist/${entry}.js`,
      types: `../dist/${entry}.d.ts`,
    }
    mkdirSync(join(folder, entry), { recursive: true })
    writeFileSync(join(folder, entry, 'package.json'), `${JSON.stringify(fields, null, 2)}\n`)
  }
}
