// What importing an entry does, in each format and in a process of its own.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { entriesOf, filesIn, readManifest, specifierOf } from '../../scripts/package/entries.mjs'
import { Server } from './server.mjs'

const run = promisify(execFile)
const cwd = new URL('..', import.meta.url).pathname
const entries = entriesOf(readManifest())
const FORMATS = {
  esm: { type: 'module', load: (specifier) => `await import('${specifier}')` },
  cjs: { type: 'commonjs', load: (specifier) => `require('${specifier}')` },
}

/** Runs a program in the package's folder; what it prints is its result. */
async function evaluate(format, program) {
  const { stdout } = await run(
    process.execPath,
    [`--input-type=${FORMATS[format].type}`, '--eval', program],
    { cwd },
  )
  return JSON.parse(stdout)
}

/**
 * What browsers have; reading one while an entry is imported is recorded. Not `document`: whether there is one decides
 * which effect the hooks use, and there is none here, so that more than the question would fail.
 */
const BROWSER = ['window', 'navigator', 'location', 'self', 'addEventListener', 'WebSocket', 'fetch'].concat(
  ['localStorage', 'sessionStorage', 'indexedDB', 'BroadcastChannel', 'matchMedia', 'customElements'],
  ['HTMLElement', 'MutationObserver', 'requestAnimationFrame', 'WebAssembly'],
)

/** What an entry is to read: the timers of the test runner, before the test puts fake ones in their place. */
const KEEPS = { testing: ['setTimeout'] }

const importing = (format, specifier) => `
  // React looks for browser globals when it is imported; that is its own affair.
  ${FORMATS[format].load('react')}
  ${FORMATS[format].load('react/jsx-runtime')}
  const touched = []
  for (const name of ${JSON.stringify(BROWSER)}) {
    const value = globalThis[name]
    const get = () => (touched.push(name), value)
    Object.defineProperty(globalThis, name, { get, set: get, configurable: true })
  }
  const before = Reflect.ownKeys(globalThis)
  const module = ${FORMATS[format].load(specifier)}
  const added = Reflect.ownKeys(globalThis).filter((key) => !before.includes(key)).map(String)
  const held = process.getActiveResourcesInfo().filter((name) => /Timeout|Socket|Server|Worker/.test(name))
  const names = Object.keys(module).sort()
  process.stdout.write(JSON.stringify({ touched, added, held, names }))`

for (const entry of entries) {
  describe(specifierOf(entry), () => {
    it('is imported without touching a browser global, and without side effects, in both formats', async () => {
      const [esm, cjs] = await Promise.all(
        Object.keys(FORMATS).map((format) => evaluate(format, importing(format, specifierOf(entry)))),
      )
      const touched = esm.touched.filter((name) => !KEEPS[entry]?.includes(name))
      assert.deepEqual({ ...esm, touched, names: [] }, { touched: [], added: [], held: [], names: [] })
      assert.deepEqual(cjs, esm)
      assert.ok(esm.names.length > 0)
    })
  })
}

describe('in CommonJS', () => {
  let server
  before(async () => {
    server = await Server.start()
  })
  after(() => server.stop())

  const connecting = (specifier, forbids) => `
    const { WebSocket } = require('ws')
    const { EverwireError } = require('everwire')
    const { WSClient } = require('${specifier}')
    ${forbids ? 'delete globalThis.WebAssembly' : ''}
    const client = new WSClient({ url: '${server.url}', WebSocket })
    client.open().then(async () => {
      const refused = await client.send({ text: 'x'.repeat(2 ** 20) }).catch((error) => error)
      const isOfOneClass = refused instanceof EverwireError
      process.stdout.write(JSON.stringify({ engine: client.engine, code: refused.code, isOfOneClass }))
      client.close()
    })`

  for (const specifier of ['everwire', 'everwire/eager']) {
    for (const engine of ['wasm', 'js']) {
      it(`${specifier} connects on the engine ${engine}, and its errors are of the class that everwire exports`, async () => {
        const outcome = await evaluate('cjs', connecting(specifier, engine === 'js'))
        assert.deepEqual(outcome, { engine, code: 'message-too-big', isOfOneClass: true })
      })
    }
  }

  it('loads its chunks by require, since Jest has no import() in CommonJS', () => {
    const dist = join(cwd, 'dist')
    const files = filesIn(dist, '.cjs')
    assert.ok(files.length > 0)
    for (const file of files)
      assert.doesNotMatch(readFileSync(join(dist, file), 'utf8'), /\bimport\((?!\))/, file)
  })
})
