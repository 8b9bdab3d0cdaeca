// Builds the npm package: Rust → WebAssembly → text and JavaScript → pkg/dist. Prints what a page downloads.
//
// Each step is a file in scripts/package/. Why it is done in this way stands in ARCHITECTURE.md, "How the package is
// built".
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endOnSignals } from './child-processes.mjs'
import { buildCore } from './package/core.mjs'
import { runMain } from './problem.mjs'
import { inRoot } from './repository.mjs'
import { ensureSetUp, FOR_BUILDS } from './setup.mjs'
import { thirdPartyLicences } from './third-party-licences.mjs'

// Made beside the package and moved there at the end: a dev server that serves it never sees half of it. In a folder
// as npm installs it, so that a bundler measures it by its exports.
const stage = inRoot('target', 'npm', 'stage')
const staged = join(stage, 'node_modules', 'everwire')
const made = inRoot('target', 'npm', 'made')
const pkg = inRoot('pkg')

await runMain(async () => {
  endOnSignals()
  const { env } = await ensureSetUp(FOR_BUILDS)
  for (const folder of [stage, made]) rmSync(folder, { recursive: true, force: true })
  mkdirSync(made, { recursive: true })
  await buildCore(made, env)
  await buildPackage()
})

async function buildPackage() {
  // Not before set-up, which installs what these import.
  const { checkEntries, entriesOf, readManifest } = await import('./package/entries.mjs')
  const { buildModules } = await import('./package/modules.mjs')
  const { buildCommonJs } = await import('./package/commonjs.mjs')
  const { printSizes } = await import('./package/sizes.mjs')
  const { writeShims } = await import('./package/shims.mjs')

  const entries = entriesOf(readManifest())
  checkEntries(entries)
  const dist = join(staged, 'dist')
  mkdirSync(dist, { recursive: true })
  const coreWeights = await buildModules(dist, made, entries)
  await buildCommonJs(dist)
  copyFileSync(join(made, 'core.wasm'), join(staged, 'core.wasm'))
  copyFileSync(join(pkg, 'package.json'), join(staged, 'package.json'))
  await printSizes(stage, entries, coreWeights)
  moveIntoPackage()
  writeShims(pkg, entries)
}

function moveIntoPackage() {
  rmSync(join(pkg, 'dist'), { recursive: true, force: true })
  renameSync(join(staged, 'dist'), join(pkg, 'dist'))
  renameSync(join(staged, 'core.wasm'), join(pkg, 'core.wasm'))
  for (const text of ['LICENSE-MIT', 'LICENSE-APACHE', 'README.md'])
    copyFileSync(inRoot(text), join(pkg, text))
  writeFileSync(join(pkg, 'THIRD-PARTY-LICENSES'), thirdPartyLicences())
}
