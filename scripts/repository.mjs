import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder: every script works from there, wherever it was called. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The path of something in the repository. */
export const inRoot = (...parts) => join(root, ...parts)

/** The text of a file in the repository. */
export const readInRoot = (...parts) => readFileSync(inRoot(...parts), 'utf8')
