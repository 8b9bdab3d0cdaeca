import { mkdirSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { inRoot } from '../../scripts/repository.mjs'
import { tables } from './tables.mjs'

/** Writes a result to bench/results/: the data as JSON, and the tables as Markdown, which the documentation includes. */
export async function keep(result) {
  mkdirSync(inRoot('bench', 'results'), { recursive: true })
  const write = async (extension, parser, text) => {
    const path = inRoot('bench', 'results', `${result.part}.${extension}`)
    writeFileSync(path, await format(text, { ...(await resolveConfig(path)), parser }))
  }
  await write('json', 'json', JSON.stringify(result))
  await write(
    'md',
    'markdown',
    `<!-- Written by \`npm run bench -- ${result.part}\`: do not edit. -->\n\n${tables(result)}`,
  )
}
