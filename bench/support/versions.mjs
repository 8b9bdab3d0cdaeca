import { readFileSync } from 'node:fs'
import { inRoot } from '../../scripts/repository.mjs'

/** The versions of npm packages as they are installed, by name. */
export function versionsOf(packages = []) {
  return Object.fromEntries(
    packages.map((name) => [
      name,
      JSON.parse(readFileSync(inRoot('node_modules', name, 'package.json'), 'utf8')).version,
    ]),
  )
}
