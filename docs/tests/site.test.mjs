import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { before, describe, it } from 'node:test'
import MarkdownIt from 'markdown-it'
import { inRoot, readInRoot } from '../../scripts/repository.mjs'
import { linkRepository } from '../.vitepress/repository-links.mjs'
import { BUILT_SITE, buildSite, writeReference } from '../site.mjs'

describe('the site', () => {
  before(async () => {
    await writeReference()
    // Fails on a link to a page that is not there.
    await buildSite()
  })

  it('has a page for each public name of the package', () => {
    for (const page of ['everwire/classes/WSClient', 'everwire/react/functions/useMessage']) {
      assert.ok(existsSync(join(BUILT_SITE, 'api', `${page}.html`)), page)
    }
  })

  it('has no link to a heading that is not there', () => {
    const dead = pages().flatMap(({ path, html }) =>
      [...html.matchAll(/<a [^>]*?href="([^":]*#[^"]+)"/g)]
        .map(([, href]) => new URL(href, `http://site/${relative(BUILT_SITE, path)}`))
        .filter(({ pathname, hash }) => !idsOf(pathname).has(decodeURIComponent(hash.slice(1))))
        .map(({ pathname, hash }) => `${path}: ${pathname}${hash}`),
    )
    assert.deepEqual([...new Set(dead)], [])
  })

  it('asks no other host for anything', () => {
    const asked = files(/\.(html|css)$/).flatMap((path) =>
      readFileSync(path, 'utf8').match(
        /(?:<(?:script|img|link|iframe)[^>]*?(?:src|href)=|url\()"?https?:[^">)]*/g,
      ),
    )
    assert.deepEqual(asked.filter(Boolean), [])
  })
})

describe('a link to a file of the repository', () => {
  const render = (text, page = 'docs/guide/page.md') =>
    new MarkdownIt().use(linkRepository).render(text, { path: inRoot(page) })

  it('leads to the page that shows it', () => {
    assert.match(render('[it](../../PROTOCOL.md#heartbeat)'), /<a href="\/protocol#heartbeat">it<\/a>/)
  })

  it('is its name only where there is none', () => {
    assert.match(render('[it](../../pkg/src/options.ts)'), /<span class="file">it<\/span>/)
  })

  it('is right in pages that are not on the site', () => {
    for (const page of ['README.md', 'CONTRIBUTING.md', 'fleet/README.md']) render(readInRoot(page), page)
  })

  it('fails where there is no such file', () => {
    assert.throws(
      () => render('[it](../../pkg/src/missing.ts)'),
      /links to pkg\/src\/missing\.ts, which is not there/,
    )
  })
})

const pages = () => files(/\.html$/).map((path) => ({ path, html: readFileSync(path, 'utf8') }))

const files = (name) =>
  readdirSync(BUILT_SITE, { recursive: true })
    .filter((file) => name.test(file))
    .map((file) => join(BUILT_SITE, file))

const known = new Map()

/** The headings and other places of a page that a link can lead to. */
function idsOf(pathname) {
  const page = pathname.replace(/\/$/, '/index').replace(/(\.html)?$/, '.html')
  if (!known.has(page)) {
    const ids = [...readFileSync(join(BUILT_SITE, page), 'utf8').matchAll(/ id="([^"]+)"/g)]
    known.set(page, new Set(ids.map(([, id]) => id)))
  }
  return known.get(page)
}
