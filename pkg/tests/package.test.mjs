import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { inlinedText } from '../../scripts/package/core.mjs'
import { CHUNKS, entriesOf, filesIn, readManifest } from '../../scripts/package/entries.mjs'
import { MADE, reachable } from '../../scripts/package/modules.mjs'

const pkg = new URL('..', import.meta.url).pathname
const dist = join(pkg, 'dist')
const entries = entriesOf(readManifest())
const read = (...path) => readFileSync(join(dist, ...path), 'utf8')

let folder, packed, tarball

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'everwire-pack-'))
  const args = ['pack', '--json', '--loglevel=error', '--pack-destination', folder]
  ;[packed] = JSON.parse(execFileSync('npm', args, { cwd: pkg, encoding: 'utf8' }))
  tarball = new Uint8Array(readFileSync(join(folder, packed.filename)))
})
after(() => rmSync(folder, { recursive: true, force: true }))

it('passes publint', async () => {
  const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer }, strict: true })
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  )
})

it('has the right types for every way to resolve it', async () => {
  // A file to serve; no module has its types.
  const found = await checkPackage(createPackageFromTarballData(tarball), {
    excludeEntrypoints: ['./core.wasm'],
  })
  assert.deepEqual(found.problems, [])
  const entrypoints = entries.map((entry) => (entry === 'index' ? '.' : `./${entry}`))
  assert.deepEqual(Object.keys(found.entrypoints).sort(), [...entrypoints, './package.json'].sort())
})

it('ships what its entries lead to, the core, the licences, and nothing else', () => {
  const modules = [...reachable(dist, '.js', entries)].flatMap((file) => {
    const map = file === `${MADE}.js` ? [] : [`${file}.map`]
    return [file, file.replace(/js$/, 'cjs'), ...map]
  })
  const types = [...reachable(dist, '.d.ts', entries)].flatMap((file) => [file, file.replace(/ts$/, 'cts')])
  const shims = entries.filter((entry) => entry !== 'index').map((entry) => `${entry}/package.json`)
  const texts = ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'THIRD-PARTY-LICENSES', 'package.json']
  const expected = [...modules, ...types].map((file) => `dist/${file}`).concat(shims, texts, 'core.wasm')
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), expected.sort())
  for (const chunk of CHUNKS) assert.ok(modules.includes(`${chunk}.js`), chunk)
})

it('carries each module once in a format: what a chunk holds is in no file of its own', () => {
  for (const inside of ['driver.js', 'machine.js', 'engine.js', 'wasm-source.js']) {
    assert.ok(!filesIn(dist, 'js').includes(inside), inside)
  }
})

it('carries the WebAssembly once in a format, and not in the source maps', () => {
  const text = inlinedText()
  const carriers = ['.js', '.cjs', '.map']
    .flatMap((type) => filesIn(dist, type))
    .filter((f) => read(f).includes(text))
  assert.deepEqual(carriers, ['core-wasm.js', 'core-wasm.cjs'])
})

it('has source maps that lead to the TypeScript', () => {
  for (const [file, code] of [
    ['client.js', 'class WSClient'],
    ['core-wasm.js', 'WebAssembly.compile'],
  ]) {
    const lines = read(file).split('\n')
    const line = lines.findIndex((text) => text.includes(code))
    const map = JSON.parse(read(`${file}.map`))
    const found = new SourceMap(map).findEntry(line, lines[line].indexOf(code))
    assert.match(found.originalSource, /^\.\.\/src\/[\w-]+\.ts$/)
    const source = map.sourcesContent[map.sources.indexOf(found.originalSource)]
    assert.ok(source.split('\n')[found.originalLine].includes(code), `${file}: ${found.originalSource}`)
  }
  assert.match(read('client.js'), /\n\/\/# sourceMappingURL=client\.js\.map\n?$/)
})

it('says where React has a boundary between server and client', () => {
  const marked = entries.filter((entry) => ['react', 'devtools'].includes(entry))
  for (const file of marked.flatMap((entry) => [`${entry}.js`, `${entry}.cjs`])) {
    // Only comments may stand before it.
    assert.match(read(file), /^(\s*\/\*.*?\*\/)*\s*['"]use client['"]/s, file)
  }
})

it('is found as a folder by tools that do not read exports', () => {
  for (const entry of entries.filter((entry) => entry !== 'index')) {
    const { main, module, types } = JSON.parse(readFileSync(join(pkg, entry, 'package.json'), 'utf8'))
    assert.deepEqual({ main, module, types }, expectedShim(entry))
    for (const path of [main, module, types]) readFileSync(join(pkg, entry, path))
  }
})

const expectedShim = (entry) => ({
  main: `../dist/${entry}.cjs`,
  module: `../dist/${entry}.js`,
  types: `../dist/${entry}.d.ts`,
})
