// Type-checks the blocks of TypeScript and JavaScript: the blocks of a page are the modules of one app, which has the
// built package and the libraries that the recipes are about.
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { inRoot } from '../../scripts/repository.mjs'

/** What an app's own tsconfig.json has, as create-vite makes it. */
const OPTIONS = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  jsx: ts.JsxEmit.ReactJSX,
  allowJs: true,
  checkJs: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
}

/** Where the blocks pretend to be: below the workspace that has the libraries. Nothing is written there. */
const PLACE = inRoot('docs', '.blocks')
const GIVEN = inRoot('docs', 'code', 'given.d.ts')

const disk = ts.createCompilerHost(OPTIONS)
/** Files of libraries, which are the same for every page. */
const parsed = new Map()

/**
 * Checks blocks of one page.
 *
 * @returns {string[]} what is wrong: `PATH:LINE:COLUMN: what TypeScript says`
 */
export function checkModules({ path, blocks, given }) {
  const modules = modulesOf(path, blocks)
  const together = modules.filter((module) => !module.isApart)
  const apps = [together, ...modules.filter((module) => module.isApart).map((module) => [module])]
  return apps.filter((app) => app.length > 0).flatMap((app) => checkApp(path, app, given))
}

/** Blocks that continue others become one module with them. */
function modulesOf(path, blocks) {
  const modules = []
  for (const block of blocks) {
    if (block.flags.continues) {
      const module = modules.at(-1)
      if (!module)
        throw new Error(`${path}:${block.line}: there is no block before it that it could continue`)
      module.blocks.push(block)
    } else {
      const name = block.name ?? `line-${block.line}.${block.language}`
      modules.push({ name, isApart: block.flags.apart === true, blocks: [block] })
    }
  }
  return modules
}

function checkApp(path, modules, given) {
  const files = new Map(modules.map(({ name, blocks }) => [join(PLACE, path, name), inPlace(blocks)]))
  if (given.length > 0) files.set(join(PLACE, path, 'given.d.ts'), inPlace(given))
  const program = ts.createProgram({
    rootNames: [GIVEN, ...files.keys()],
    options: OPTIONS,
    host: hostWith(files),
  })
  const diagnostics = [...program.getOptionsDiagnostics()].concat(
    [...files.keys()].flatMap((file) => {
      const source = program.getSourceFile(file)
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    }),
  )
  return diagnostics.map((diagnostic) => described(path, diagnostic))
}

/** The text of a file in which each block stands on the lines that it has on its page. */
function inPlace(blocks) {
  let text = ''
  let line = 1
  for (const { code, line: start } of blocks) {
    text += '\n'.repeat(start - line) + code
    line = start + code.split('\n').length - 1
  }
  return text
}

function hostWith(files) {
  const folders = new Set([...files.keys()].flatMap((file) => [dirname(file), dirname(dirname(file))]))
  return {
    ...disk,
    fileExists: (file) => files.has(file) || disk.fileExists(file),
    readFile: (file) => files.get(file) ?? disk.readFile(file),
    directoryExists: (folder) => folders.has(folder) || disk.directoryExists(folder),
    getSourceFile(file, options) {
      const text = files.get(file)
      if (text !== undefined) return ts.createSourceFile(file, text, options)
      if (!parsed.has(file)) parsed.set(file, disk.getSourceFile(file, options))
      return parsed.get(file)
    },
  }
}

function described(path, { file, start, messageText }) {
  const text = ts.flattenDiagnosticMessageText(messageText, '\n    ')
  if (!file) return `${path}: ${text}`
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  return `${path}:${line + 1}:${character + 1}: ${text}`
}
