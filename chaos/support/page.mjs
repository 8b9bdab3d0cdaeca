import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { serve } from '../../e2e/support/site.mjs'
import { temporaryFolder } from './temporary.mjs'

const source = new URL('../page/', import.meta.url).pathname

/** Bundles the page with the built package and serves it on loopback: `{ url, stop() }`. */
export async function servePage() {
  const { path: folder, remove } = temporaryFolder('chaos-page')
  const common = { bundle: true, logLevel: 'warning' }
  await build({ ...common, entryPoints: [`${source}instruments.js`], outdir: folder })
  // In a folder of its own: see counts.js.
  const client = { entryPoints: [`${source}main.js`], outdir: join(folder, 'client') }
  await build({ ...common, ...client, format: 'esm', splitting: true })
  copyFileSync(`${source}index.html`, join(folder, 'index.html'))
  const site = await serve({ '/': folder })
  const stop = async () => {
    await site.stop()
    remove()
  }
  return { url: site.url, stop }
}
