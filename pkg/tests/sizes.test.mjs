// What an import carries into an app. The build prints the sizes.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { entriesOf, readManifest } from '../../scripts/package/entries.mjs'
import { bundleImport, downloadSizes } from '../../scripts/package/sizes.mjs'

const root = new URL('../..', import.meta.url).pathname
const entries = entriesOf(readManifest())
const modulesOf = async (entry, name) => Object.keys((await bundleImport(root, entry, name)).weights)

it('takes an error class without the client', async () => {
  assert.deepEqual(await modulesOf('index', 'EverwireError'), ['error.js'])
  assert.deepEqual(await modulesOf('index', 'GatewayError'), ['error.js'])
})

it('takes the name of the event alone', async () => {
  const { weights, bytes } = await bundleImport(root, 'index', 'WEBSOCKET_EVENT')
  assert.deepEqual(Object.keys(weights), ['events.js'])
  assert.ok(bytes < 60, `${bytes} B`)
})

it('configures without the client, which comes with the hooks', async () => {
  assert.deepEqual(await modulesOf('react', 'configure'), ['shared.js'])
})

const hooks = Object.keys(await import('everwire/react')).filter((name) => /^use[A-Z]/.test(name))
for (const name of hooks) {
  it(`takes ${name} without the other hooks`, async () => {
    const modules = await modulesOf('react', name)
    const file = `hooks/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.js`
    assert.deepEqual(
      modules.filter((module) => module.startsWith('hooks/use-')),
      [file],
    )
  })
}

it('has nothing of React, devtools or tests in everwire, slim and eager', async () => {
  for (const entry of ['index', 'slim', 'eager']) {
    const foreign = (await modulesOf(entry)).filter((module) =>
      /react|hooks|shared|devtools|testing/.test(module),
    )
    assert.deepEqual(foreign, [], entry)
  }
})

it('has nothing of devtools or tests in the hooks', async () => {
  const foreign = (await modulesOf('react')).filter((module) => /devtools|testing/.test(module))
  assert.deepEqual(foreign, [])
})

it('has the core in the page only where everwire/eager puts it', async () => {
  for (const entry of entries) {
    const cores = (await modulesOf(entry)).filter((module) => module.startsWith('core-'))
    assert.deepEqual(cores, entry === 'eager' ? ['core-js.js', 'core-wasm.js'] : [], entry)
  }
})

// What the documentation says of a size: where, around which figure, and what that is.
const { face, sum, javaScript } = await downloadSizes(root)
const { bytes: eager } = await bundleImport(root, 'eager')
const environments = 'docs/guide/environments.md'
for (const [file, sentence, bytes] of [
  ['README.md', /([\d.]+) kB \(Brotli\) in all/, sum],
  ['README.md', /of which ([\d.]+) kB are loaded with your page/, face],
  [environments, /([\d.]+) kB \(Brotli\) in all/, sum],
  [environments, /of which ([\d.]+) kB are loaded with your page/, face],
  [environments, /([\d.]+) kB \(Brotli\) more to load/, javaScript],
  [environments, /All of it, ([\d.]+) kB \(Brotli\)/, eager],
]) {
  it(`is as big as ${file} says: ${sentence.source}`, () => {
    const [said, figure] = sentence.exec(readFileSync(join(root, file), 'utf8')) ?? []
    assert.ok(said, `${file} has no sentence like ${sentence}: change the pattern here with it`)
    const isNear = Math.abs(figure * 1000 - bytes) <= 0.03 * bytes
    assert.ok(
      isNear,
      `${file} says "${said}", but it is ${(bytes / 1000).toFixed(1)} kB: change the sentence`,
    )
  })
}
