import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { temporaryFolder } from '../../chaos/support/temporary.mjs'
import { serve } from '../../e2e/support/site.mjs'
import { inRoot } from '../../scripts/repository.mjs'
import { theClientIs } from '../../scoreboard/support/site.mjs'

/** Those that are compared, by the names that the tables give them: each with its adapter of the scoreboard. */
const ADAPTERS = {
  everwire: 'everwire',
  'hand-written': 'article',
  partysocket: 'partysocket',
  'reconnecting-websocket': 'reconnecting-websocket',
}

export const CLIENTS = Object.keys(ADAPTERS)

/** Isolated, so that the page's clock is fine; and nothing is cached, so that a page that is loaded anew is new. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cache-Control': 'no-store',
}

/**
 * Bundles `page.js` of a folder of bench/ once for each client, as an app is built for production, and serves it with
 * the folder's `page.html` on loopback: `{ url, stop() }`. A client's page is at `url` + its name + `/`; what else is in
 * the folder is at `url` + `source/`.
 *
 * @param name of the folder
 * @param own further clients: files with adapters, by name
 */
export async function serveClientPages(name, own = {}) {
  const source = inRoot('bench', name)
  const { path: folder, remove } = temporaryFolder(`bench-${name}`)
  const paths = Object.entries(ADAPTERS).map(([client, adapter]) => [
    client,
    inRoot('scoreboard', 'clients', `${adapter}.js`),
  ])
  for (const [client, path] of [...paths, ...Object.entries(own)]) {
    const outdir = join(folder, client)
    mkdirSync(outdir)
    await build({
      entryPoints: [join(source, 'page.js')],
      outdir,
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      define: { 'process.env.NODE_ENV': '"production"' },
      plugins: [theClientIs(path)],
      logLevel: 'error',
    })
    copyFileSync(join(source, 'page.html'), join(outdir, 'index.html'))
  }
  const site = await serve({ '/': folder, '/source/': source }, HEADERS)
  const stop = async () => {
    await site.stop()
    remove()
  }
  return { url: site.url, stop }
}
