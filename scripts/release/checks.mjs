// What must hold before a release. Each check gives nothing, or what is wrong and what to do about it.
import { namedVersions } from './versions.mjs'

/** @param status what `git status --porcelain` says */
export function checkTree(status) {
  if (status === '') return undefined
  return `There are changes that are not committed, and what is published must be in the history:\n${status}`
}

/** @param read gives the text of a file of the repository */
export function checkVersions(read) {
  const [{ version }, ...others] = namedVersions(read)
  const different = others.filter((other) => other.version !== version)
  if (different.length === 0) return undefined
  const list = different.map((other) => `  ${other.version ?? 'no version'} in ${other.place}`).join('\n')
  return `pkg/package.json says ${version}; write the same here (lock files: npm install, cargo update -w):\n${list}`
}

export function checkChangelog(read) {
  const { version } = JSON.parse(read('pkg/package.json'))
  const headings = read('CHANGELOG.md').match(/^## .*$/gm) ?? []
  if (headings.some((heading) => heading.startsWith(`## ${version} `) || heading === `## ${version}`))
    return undefined
  return `CHANGELOG.md has no section "## ${version}" for what this release changes: "${headings[0]}" becomes that, with the day.`
}

/** npm proves where a package was built, for which it compares the address in package.json with the build's. */
export function checkRepository(read) {
  const { repository } = JSON.parse(read('pkg/package.json'))
  const isInCrate = /^repository(\.workspace)? = /m.test(read('Cargo.toml'))
  const missing = [!repository && 'pkg/package.json', !isInCrate && 'Cargo.toml'].filter(Boolean)
  if (missing.length === 0) return undefined
  return (
    `The address of the repository is not in ${missing.join(' and ')}, and npm proves provenance only by it. Once the ` +
    'repository is public, add to pkg/package.json "repository": { "type": "git", "url": "git+https://…", ' +
    '"directory": "pkg" }, and to [package] in Cargo.toml repository = "https://…".'
  )
}

/** Only a build service that npm knows can say where it builds. */
export function checkProvenance(env) {
  if (env.ACTIONS_ID_TOKEN_REQUEST_URL ?? env.SIGSTORE_ID_TOKEN) return undefined
  return 'npm proves provenance only of what a build service publishes: run the workflow .github/workflows/release.yml.'
}
