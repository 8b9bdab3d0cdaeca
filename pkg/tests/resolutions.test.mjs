// The types, as each of TypeScript's resolutions finds them: an app's one declaration holds in all entries.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, it } from 'node:test'
import ts from 'typescript'

const folder = new URL('../../target/pkg-types', import.meta.url).pathname

const APP = `
import { WSClient } from 'everwire'
import { WSClient as Eager } from 'everwire/eager'
import { configure, useMessage } from 'everwire/react'
import { setWasmSource, WSClient as Slim } from 'everwire/slim'

declare module 'everwire' {
  interface Messages {
    incoming: { action: 'price'; value: number }
    outgoing: { action: 'markRead'; id: number }
  }
}

export function App(clients: [WSClient, Eager, Slim]): void {
  setWasmSource('/core.wasm')
  for (const Client of [WSClient, Eager, Slim]) configure({ url: 'wss://example.com/prod', Client })
  for (const client of clients) {
    void client.send({ action: 'markRead', id: 7 })
    // @ts-expect-error The action is misspelt.
    void client.send({ action: 'markRaed', id: 7 })
  }
  useMessage('price', ({ value }) => value.toFixed())
  // @ts-expect-error The action is misspelt.
  useMessage('prize', () => undefined)
}
`

const { ModuleKind, ModuleResolutionKind } = ts
const RESOLUTIONS = [
  ['a bundler', 'app.ts', { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler }],
  ['Node, in ECMAScript modules', 'app.mts', { module: ModuleKind.NodeNext }],
  ['Node, in CommonJS', 'app.cts', { module: ModuleKind.NodeNext }],
  [
    'tools that do not read exports',
    'app.ts',
    // The resolution `node` of tsconfig.json, which new compilers are to leave out.
    { module: ModuleKind.CommonJS, moduleResolution: ModuleResolutionKind.Node10, ignoreDeprecations: '6.0' },
  ],
]

before(() => mkdirSync(folder, { recursive: true }))
after(() => rmSync(folder, { recursive: true, force: true }))

for (const [name, file, options] of RESOLUTIONS) {
  it(`types an app whose modules are resolved as by ${name}`, () => {
    const path = `${folder}/${file}`
    writeFileSync(path, APP)
    const program = ts.createProgram([path], {
      ...options,
      strict: true,
      noEmit: true,
      types: [],
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    })
    const complaints = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText)
    assert.deepEqual(
      complaints.map((text) => ts.flattenDiagnosticMessageText(text, '\\n')),
      [],
    )
  })
}
