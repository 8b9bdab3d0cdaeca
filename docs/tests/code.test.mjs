import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { inRoot, readInRoot } from '../../scripts/repository.mjs'
import { checkPage } from '../code/check.mjs'

/** Folders that tools write. */
const WRITTEN = ['node_modules', 'target', 'dist', 'api', '.vitepress']

const totals = {}
const unchecked = []

describe('every code block is right', () => {
  const pages = [
    'README.md',
    'PROTOCOL.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'gateway/README.md',
  ].concat(
    ['fleet/README.md'],
    filesIn('docs', /\.md$/),
    filesIn('examples', /README\.md$/),
    filesIn('pkg/src', /\.tsx?$/).filter((path) => /@example|```/.test(readInRoot(path))),
  )
  for (const path of pages) {
    it(`of ${path}`, () => {
      const found = checkPage(path, readInRoot(path))
      for (const [language, count] of Object.entries(found.counts)) {
        totals[language] = (totals[language] ?? 0) + count
      }
      unchecked.push(...found.unchecked)
      assert.equal(found.problems.join('\n'), '')
    })
  }
  after(() => {
    const counted = Object.entries(totals).map(([language, count]) => `${count} ${language}`)
    console.log(`Checked: ${counted.join(', ')}`)
    console.log(`Not checked: ${unchecked.length}`)
    for (const block of unchecked) console.log(`  ${block}`)
  })
})

/** The files of a folder with this kind of name, but none that tools have written. */
function filesIn(folder, name) {
  return readdirSync(inRoot(folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return WRITTEN.includes(entry.name) ? [] : filesIn(path, name)
    return name.test(entry.name) ? [path] : []
  })
}
