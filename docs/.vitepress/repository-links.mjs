// Pages link to files as GitHub shows them: relative to where they stand. On the site, a link to a file that has a page
// leads to that page, and one to any other file of the repository is its name only, since the site holds only pages.
import { existsSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { inRoot, root } from '../../scripts/repository.mjs'

/** Pages that show a file from elsewhere in the repository: their frontmatter names it as `source`. */
const SHOWN = {
  'README.md': '/',
  'PROTOCOL.md': '/protocol',
  'ARCHITECTURE.md': '/architecture',
  'CHANGELOG.md': '/changelog',
  'gateway/README.md': '/gateway',
}

/** A markdown-it plugin. */
export function linkRepository(markdown) {
  markdown.core.ruler.push('repository-links', ({ tokens, env }) => {
    const shown = env.frontmatter?.source
    const from = shown ? inRoot(shown) : env.path
    if (!from || from.startsWith(inRoot('docs', 'api'))) return
    for (const { children } of tokens) if (children) relink(children, from)
  })
}

function relink(tokens, from) {
  let isUnlinked = false
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const target = targetOf(token.attrGet('href'), from)
      isUnlinked = target === null
      if (target) token.attrSet('href', target)
    }
    if (!isUnlinked) continue
    if (token.type === 'link_close') isUnlinked = false
    if (token.type === 'link_open' || token.type === 'link_close') makeSpan(token)
  }
}

/** A path of this site, null for a file that has no page, or undefined where the link is right as it is. */
function targetOf(href, from) {
  if (/^(\w+:|#|\/)/.test(href)) return undefined
  const [, path, anchor] = /^([^#]*)(#.*)?$/.exec(decodeURI(href))
  const file = resolve(dirname(from), path)
  const name = relative(root, file)
  if (!existsSync(file)) throw new Error(`${relative(root, from)} links to ${name}, which is not there`)
  if (SHOWN[name]) return SHOWN[name] + (anchor ?? '')
  if (name.startsWith('docs/') && !from.startsWith(inRoot('docs')))
    return name.replace(/^docs|\.md$/g, '') + (anchor ?? '')
  // Links between pages: VitePress says which of them are dead.
  if (name.startsWith('docs/')) return undefined
  return null
}

function makeSpan(token) {
  token.tag = 'span'
  token.type = token.type.replace('link', 'file')
  token.attrs = token.nesting === 1 ? [['class', 'file']] : null
}
