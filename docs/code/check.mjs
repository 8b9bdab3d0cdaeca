// Checks every code block of a page by what its language is.
import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { inRoot, readInRoot } from '../../scripts/repository.mjs'
import { pageOf } from './blocks.mjs'
import { checkModules } from './modules.mjs'

const MODULES = ['ts', 'tsx', 'js', 'jsx']

/** What is wrong with a block, by its language; `undefined` or nothing if it is right. */
const CHECKS = {
  json: ({ code }) => failureOf(() => JSON.parse(code)),
  toml: ({ code }) => failureOf(() => parseToml(code)),
  sh: ({ code }) => missingPrograms(code),
  rust: ({ code, flags }) => misquoted(code, flags.from),
  text: ({ code, flags }) => flags.frames && failureOf(() => framesOf(code).forEach(JSON.parse)),
  // A handshake, a header: nothing here that a program reads.
  http: () => undefined,
  // Drawn by whoever shows the page.
  mermaid: () => undefined,
}

/**
 * @returns {{ counts: Record<string, number>, unchecked: string[], problems: string[] }} how many blocks of each
 *   language were checked, those that were not, with their reasons, and what is wrong: `PATH:LINE: …`
 */
export function checkPage(path, text) {
  const page = pageOf(path, text)
  const { counts, unchecked, problems } = { counts: {}, unchecked: [], problems: [] }
  for (const block of page.blocks) {
    const { language, flags, line } = block
    const problem = problemOf(block)
    if (problem) problems.push(`${path}:${line}: ${problem}`)
    else if (flags.unchecked) unchecked.push(`${path}:${line}: ${flags.unchecked}`)
    else counts[language] = (counts[language] ?? 0) + 1
  }
  const blocks = page.blocks.filter(({ language, flags }) => MODULES.includes(language) && !flags.unchecked)
  problems.push(...checkModules({ ...page, blocks }), ...missingScripts(path, text))
  return { counts, unchecked, problems }
}

function problemOf(block) {
  const { language, flags } = block
  if (flags.unchecked || MODULES.includes(language)) return undefined
  const known = [...MODULES, ...Object.keys(CHECKS)].join(', ')
  if (!Object.hasOwn(CHECKS, language)) return `blocks of "${language}" are not known here: use ${known}`
  return CHECKS[language](block)
}

function failureOf(read) {
  try {
    read()
  } catch (error) {
    return error.message
  }
  return undefined
}

/** What is written `→ MESSAGE` and `← MESSAGE`. */
function framesOf(code) {
  return code
    .trim()
    .split('\n')
    .map((line) => {
      if (!/^[→←] /.test(line)) throw new Error(`a frame begins with → or ←, not as: ${line}`)
      return line.slice(2)
    })
}

/** Scripts of this repository that a block of shell runs. */
function missingPrograms(code) {
  const called = [...code.matchAll(/^node ([\w./-]+\.\w+)/gm)].map(([, file]) => file)
  const file = called.find((called) => !exists(called))
  return file && `there is no ${file}`
}

/** `npm run NAME`, wherever a page names it. */
function missingScripts(path, text) {
  return text
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/\bnpm run (?:--silent )?([\w:-]+)(?:.*?(?:--workspace|-w)[ =](\w+))?/g)]
        .filter(
          ([, script, workspace]) => !foldersOf(path, workspace).some((folder) => scriptsOf(folder)[script]),
        )
        .map(([command]) => `${path}:${index + 1}: package.json has no script for: ${command}`),
    )
}

/** Where a page's commands are given: at the root, or in one of the apps that it is about. */
function foldersOf(path, workspace) {
  if (workspace) return [workspace]
  if (!path.startsWith('examples/')) return ['.']
  const folder = dirname(path)
  return ['.', folder, ...readdirSync(inRoot(folder)).map((name) => `${folder}/${name}`)]
}

const exists = (path) => existsSync(inRoot(path))
const scriptsOf = (folder) =>
  exists(`${folder}/package.json`) ? (JSON.parse(readInRoot(folder, 'package.json')).scripts ?? {}) : {}

/** A quotation of Rust has to stand in a file that the tests compile: an example, or a crate's documentation. */
function misquoted(code, path) {
  if (!path) return 'say which compiled file this quotes: ```rust from=PATH'
  if (!exists(path)) return `there is no ${path} to be quoted`
  const plain = (text) =>
    text
      .split('\n')
      .map((line) => line.replace(/^\s*(\/\/[/!] ?)?\s*/, '').trimEnd())
      .filter(Boolean)
      .join('\n')
  return plain(readInRoot(path)).includes(plain(code)) ? undefined : `${path} does not have these lines`
}
