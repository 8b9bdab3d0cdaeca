import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { inRoot } from '../../scripts/repository.mjs'

/** Bundles the page of a folder in e2e/, with React's development build. @returns the built folder */
// Only there does StrictMode mount everything twice.
export const bundlePage = (name) => bundleFolder(`e2e/${name}`, 'development')

/**
 * Bundles main.jsx of a folder of the repository, and puts its index.html beside it.
 *
 * @param environment which of its builds a library takes: `development`, `production` (minified, too)
 * @returns the built folder
 */
export async function bundleFolder(folder, environment) {
  const outdir = inRoot('target', folder)
  await build({
    entryPoints: [inRoot(folder, 'main.jsx')],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    jsx: 'automatic',
    minify: environment === 'production',
    define: { 'process.env.NODE_ENV': JSON.stringify(environment) },
    logLevel: 'warning',
  })
  copyFileSync(inRoot(folder, 'index.html'), join(outdir, 'index.html'))
  return outdir
}
