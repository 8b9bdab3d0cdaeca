import assert from 'node:assert/strict'
import { it } from 'node:test'
import { build } from 'esbuild'

const dist = new URL('../dist/', import.meta.url).pathname

for (const entry of ['index', 'react', 'slim']) {
  it(`nothing of everwire/testing is in what an app loads with ${entry}.js`, async () => {
    const { metafile } = await build({
      entryPoints: [`${dist}${entry}.js`],
      bundle: true,
      splitting: true,
      format: 'esm',
      outdir: '/',
      write: false,
      metafile: true,
      external: ['react'],
    })
    const modules = Object.keys(metafile.inputs)
    assert.ok(
      modules.some((path) => path.endsWith('time.js')),
      'what the fake time is known by is there',
    )
    assert.deepEqual(
      modules.filter((path) => /dist\/testing/.test(path)),
      [],
    )
  })
}
