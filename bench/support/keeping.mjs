import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { inRoot } from '../../scripts/repository.mjs'
import { overview } from './overview.mjs'
import { tables } from './tables.mjs'

/** Writes a result to bench/results/: the data as JSON, and the tables as Markdown, which the documentation includes. */
export async function keep(result) {
  mkdirSync(inRoot('bench', 'results'), { recursive: true })
  await write(result.part, 'json', JSON.stringify(result))
  await write(result.part, 'md', `${writtenBy(`-- ${result.part}`)}${tables(result)}`)
}

/** Writes what came of all targets, from the results that are kept, in the order of `parts`. */
export async function keepOverview(parts) {
  const results = parts
    .map(({ id }) => inRoot('bench', 'results', `${id}.json`))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')))
  await write('targets', 'md', `${writtenBy('')}${overview(results)}`)
}

const writtenBy = (part) => `<!-- Written by \`${`npm run bench ${part}`.trim()}\`: do not edit. -->\n\n`

async function write(name, extension, text) {
  const path = inRoot('bench', 'results', `${name}.${extension}`)
  const parser = { json: 'json', md: 'markdown' }[extension]
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), parser }))
}
