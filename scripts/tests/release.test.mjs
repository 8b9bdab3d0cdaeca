import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checkChangelog,
  checkProvenance,
  checkRepository,
  checkTree,
  checkVersions,
} from '../release/checks.mjs'
import { readInRoot } from '../repository.mjs'

/** The repository's files, but for some. */
const withFiles = (files) => (path) => files[path] ?? readInRoot(path)

test('crate, package and all that names their version agree', () => {
  assert.equal(checkVersions(readInRoot), undefined)
})

test('a version that differs is named with its place', () => {
  const manifest = JSON.parse(readInRoot('pkg/package.json'))
  const read = withFiles({ 'pkg/package.json': JSON.stringify({ ...manifest, version: '9.9.9' }) })
  const text = checkVersions(read)
  assert.match(text, /^pkg\/package\.json says 9\.9\.9/)
  for (const place of [
    'Cargo.toml',
    'Cargo.lock',
    'examples/yew/Cargo.lock',
    'package-lock.json, packages, pkg',
    'www/package.json, dependencies',
    'package-lock.json, packages, www, dependencies',
    'docs/package.json, devDependencies',
    'package-lock.json, packages, docs, devDependencies',
  ])
    assert.ok(text.includes(` in ${place}`), place)
})

test('a workspace that is added and names another version is found', () => {
  const root = JSON.parse(readInRoot('package.json'))
  const lock = JSON.parse(readInRoot('package-lock.json'))
  const added = { dependencies: { everwire: '0.0.9' } }
  const read = withFiles({
    'package.json': JSON.stringify({ ...root, workspaces: [...root.workspaces, 'added'] }),
    'added/package.json': JSON.stringify(added),
    'package-lock.json': JSON.stringify({ ...lock, packages: { ...lock.packages, added } }),
  })
  assert.match(
    checkVersions(read),
    / {2}0\.0\.9 in added\/package\.json, dependencies\n {2}0\.0\.9 in package-lock\.json, packages, added, dependencies$/,
  )
})

test('a release needs a section of the changelog', () => {
  const changelog = (heading) =>
    checkChangelog(withFiles({ 'pkg/package.json': '{"version":"1.2.3"}', 'CHANGELOG.md': heading }))
  assert.equal(changelog('# Changelog\n\n## 1.2.3 (2026-12-01)\n'), undefined)
  assert.match(changelog('# Changelog\n\n## Unreleased (1.2.3)\n'), /no section "## 1\.2\.3"/)
  assert.match(changelog('# Changelog\n\n## 1.2.30\n'), /no section "## 1\.2\.3"/)
})

test('a release needs all changes committed', () => {
  assert.equal(checkTree(''), undefined)
  assert.match(checkTree(' M README.md'), /not committed.*\n M README\.md/)
})

test('a package without the address of its repository is told what to add', () => {
  const check = (manifest, cargo) =>
    checkRepository(withFiles({ 'pkg/package.json': JSON.stringify(manifest), 'Cargo.toml': cargo }))
  assert.match(
    check({}, '[package]\n'),
    /not in pkg\/package\.json and Cargo\.toml.*add to pkg\/package\.json "repository"/s,
  )
  const repository = { type: 'git', url: 'git+https://example.com/everwire.git' }
  assert.match(check({ repository }, '[package]\n'), /not in Cargo\.toml,/)
  assert.equal(check({ repository }, '[package]\nrepository = "https://example.com/everwire"\n'), undefined)
})

test('provenance is refused where no build service vouches for it', () => {
  assert.match(checkProvenance({}), /release\.yml/)
  assert.equal(checkProvenance({ ACTIONS_ID_TOKEN_REQUEST_URL: 'https://example.com' }), undefined)
})
