import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { temporaryFolder } from '../../chaos/support/temporary.mjs'
import { serve } from '../../e2e/support/site.mjs'

const source = new URL('../', import.meta.url).pathname

/** Bundles a page for each of these adapters and serves them on loopback: `{ url, stop() }`; a page is at `url` + id. */
export async function servePages(adapters) {
  const { path: folder, remove } = temporaryFolder('scoreboard')
  // React's StrictMode does its work in development only.
  const define = { 'process.env.NODE_ENV': '"development"' }
  // Not warnings: few of the adapters have the component that strict.js asks for.
  const common = { bundle: true, logLevel: 'error', define }
  await build({ ...common, entryPoints: [`${source}page/instruments.js`], outdir: folder })
  for (const adapter of adapters) {
    await build({
      ...common,
      entryPoints: [`${source}page/main.js`],
      outdir: join(folder, adapter),
      format: 'esm',
      splitting: true,
      plugins: [theClientIs(`${source}clients/${adapter}.js`)],
    })
    copyFileSync(`${source}page/index.html`, join(folder, adapter, 'index.html'))
  }
  const site = await serve({ '/': folder })
  const stop = async () => {
    await site.stop()
    remove()
  }
  return { url: site.url, stop }
}

/** For esbuild: what a page imports as `the-client` is the adapter in this file. */
export const theClientIs = (path) => ({
  name: 'the-client',
  setup(builder) {
    builder.onResolve({ filter: /^the-client$/ }, () => ({ path }))
  },
})
