import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from './problem.mjs'
import { root } from './repository.mjs'

/** The licence texts of the crates whose code may be in the WebAssembly, as the npm package ships them. */
export function thirdPartyLicences() {
  const crates = shippedCrates().map(({ name, version, license, manifest_path }) => {
    return `${name} ${version} (${license})\n\n${licenceTexts(name, dirname(manifest_path))}`
  })
  const intro =
    "Everwire ships compiled code of Rust's standard library (MIT OR Apache-2.0) and of these crates:"
  return [intro, ...crates].join(`\n\n${'-'.repeat(80)}\n\n`)
}

/** All that the client depends on when it runs in a browser; build scripts and macros leave no code behind. */
function shippedCrates() {
  const args = [
    'metadata',
    '--format-version=1',
    '--locked',
    '--features=npm',
    '--filter-platform=wasm32-unknown-unknown',
  ]
  const { status, error, stdout, stderr } = spawnSync('cargo', args, { cwd: root, maxBuffer: 2 ** 26 })
  if (status !== 0)
    throw new Problem(`The licences of the crates were not found: cargo metadata says:\n${error ?? stderr}`)
  const { packages, resolve } = JSON.parse(stdout)
  const node = new Map(resolve.nodes.map((node) => [node.id, node]))
  const crate = new Map(packages.map((crate) => [crate.id, crate]))
  const isMacro = (id) => crate.get(id).targets.some(({ kind }) => kind.includes('proc-macro'))
  const found = new Set()
  const visit = (id) => {
    for (const { pkg, dep_kinds } of node.get(id).deps) {
      if (found.has(pkg) || isMacro(pkg) || !dep_kinds.some(({ kind }) => kind === null)) continue
      found.add(pkg)
      visit(pkg)
    }
  }
  visit(packages.find(({ name }) => name === 'everwire').id)
  return [...found].map((id) => crate.get(id)).sort((a, b) => a.name.localeCompare(b.name))
}

function licenceTexts(name, folder) {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
  if (files.length === 0)
    throw new Problem(
      `The crate ${name} has no licence file: say in scripts/third-party-licences.mjs what to ship.`,
    )
  // Where there is a choice, the MIT licence is the one that we take.
  const chosen = files.find((file) => /mit/i.test(file)) ?? files[0]
  return readFileSync(join(folder, chosen), 'utf8').trim()
}
