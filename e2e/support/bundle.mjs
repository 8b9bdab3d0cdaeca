import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Bundles main.jsx of a folder of this one's parent, with React's development build. @returns the built folder */
export async function bundlePage(name) {
  const source = new URL(`../${name}`, import.meta.url).pathname
  const outdir = new URL(`../../target/e2e/${name}`, import.meta.url).pathname
  await build({
    entryPoints: [join(source, 'main.jsx')],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    jsx: 'automatic',
    // Only there does StrictMode mount everything twice.
    define: { 'process.env.NODE_ENV': '"development"' },
    logLevel: 'warning',
  })
  copyFileSync(join(source, 'index.html'), join(outdir, 'index.html'))
  return outdir
}
