import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { transformSync } from '@babel/core'

const src = new URL('../src/', import.meta.url)
const files = [
  ...readdirSync(new URL('hooks/', src)).map((file) => `hooks/${file}`),
  ...readdirSync(new URL('devtools/', src))
    .filter((file) => /^use-|\.tsx$/.test(file))
    .map((file) => `devtools/${file}`),
]

/** What the compiler did with each function that it took for a component or a hook. */
function compile(source) {
  const events = []
  const logger = { logEvent: (_, event) => events.push(event) }
  transformSync(source, {
    filename: 'source.tsx',
    configFile: false,
    parserOpts: { plugins: ['typescript', 'jsx'] },
    plugins: [['babel-plugin-react-compiler', { panicThreshold: 'none', logger }]],
  })
  const named = (kind) => events.filter((event) => event.kind === kind)
  return {
    compiled: named('CompileSuccess').map(({ fnName }) => fnName),
    refused: events.filter(({ kind }) => kind !== 'CompileSuccess').map(({ detail }) => String(detail)),
  }
}

describe('the React compiler', () => {
  for (const file of files) {
    it(`finds nothing against the rules of React in ${file}`, () => {
      const source = readFileSync(new URL(file, src), 'utf8')
      const { compiled, refused } = compile(source)
      assert.deepEqual(refused, [])
      const exported = [...source.matchAll(/^export function (use\w+|[A-Z]\w+)/gm)].map(([, name]) => name)
      for (const name of exported) assert.ok(compiled.includes(name), `${name} was not compiled`)
    })
  }

  it('would say so, if there were something', () => {
    const { refused } = compile('export function useBroken(ref) { return ref.current ? useState() : 1 }')
    assert.notDeepEqual(refused, [])
  })
})
