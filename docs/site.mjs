// The documentation as a site: the pages of this folder, and the API reference, which is made from the doc comments of
// the package. Folders that are written here (api/, .vitepress/dist) are not kept in git.
import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Application } from 'typedoc'
import { build, createServer } from 'vitepress'
import { inRoot, readInRoot } from '../scripts/repository.mjs'

const REFERENCE = inRoot('docs', 'api')

/** The built site. */
export const BUILT_SITE = inRoot('docs', '.vitepress', 'dist')

/** Writes the API reference: a page for each public class, interface, function and type of each entry. */
export async function writeReference() {
  const app = await Application.bootstrapWithPlugins({
    entryPoints: entries(),
    tsconfig: inRoot('pkg', 'tsconfig.json'),
    // Its default is a folder named docs, which it empties first.
    out: REFERENCE,
    plugin: ['typedoc-plugin-markdown'],
    name: 'API reference',
    readme: 'none',
    entryFileName: 'index',
    navigationJson: `${REFERENCE}/navigation.json`,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    sort: ['source-order'],
    parametersFormat: 'table',
    useCodeBlocks: true,
    logLevel: 'Warn',
    validation: { notExported: false, invalidLink: true, notDocumented: false },
  })
  const project = await app.convert()
  if (project) app.validate(project)
  if (!project || app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error('The doc comments say something that is not so; what is above.')
  }
  await app.generateOutputs(project)
  if (app.logger.hasErrors()) throw new Error('The API reference could not be written; why is above.')
}

/** The sources of what `import … from 'everwire…'` can name. */
function entries() {
  const names = Object.keys(JSON.parse(readInRoot('pkg', 'package.json')).exports)
  const sources = names.map((name) => name.replace(/^\.\/?/, '') || 'index')
  return sources
    .flatMap((name) => [inRoot('pkg', 'src', `${name}.ts`), inRoot('pkg', 'src', `${name}.tsx`)])
    .filter((path) => existsSync(path))
}

/** Builds the site from what is there. A link to a page that is not there makes it fail. */
export async function buildSite() {
  await build(inRoot('docs'))
}

/** Serves the site on loopback; pages that are edited are shown anew. */
export async function serveSite(port) {
  const server = await createServer(inRoot('docs'), { host: '127.0.0.1', port, strictPort: true })
  await server.listen()
}

/** The API reference's pages, as VitePress's sidebar has them: one group for each entry. */
export function referenceSidebar() {
  const path = `${REFERENCE}/navigation.json`
  if (!existsSync(path)) return []
  const entries = modulesIn(JSON.parse(readFileSync(path, 'utf8')))
  return entries.map((entry) => ({ ...sidebarItem(entry), text: dirname(entry.path) })).sort(byText)
}

/** typedoc has `everwire/react` in a folder `everwire`, beside the module of that name. */
function modulesIn(nodes) {
  return nodes.flatMap((node) => (node.path ? [node] : modulesIn(node.children)))
}

function sidebarItem({ title, path, children }) {
  return {
    text: title,
    ...(path && { link: `/api/${path.replace(/(index)?\.md$/, '')}` }),
    ...(children && { items: children.map(sidebarItem), collapsed: true }),
  }
}

const byText = (one, other) => one.text.localeCompare(other.text)
