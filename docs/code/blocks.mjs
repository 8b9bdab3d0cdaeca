// The code blocks of a page: a Markdown file, or the doc comments of a TypeScript file.
//
// What a block is, its info string says after the language:
//
//   ts                        a module of its own
//   ts continues              goes on where the block of code before it ended
//   ts apart                  in an app of its own: what the page declares elsewhere does not hold
//   rust from=PATH            a quotation of that file, which the tests compile
//   text frames               what goes over the wire: → or ←, and a message
//   ts unchecked: REASON      is not checked, because of that
//
// A first line `// NAME.ts` gives a module its name; other blocks of the page import it. What is the reader's own
// (their sign-in, their components) is declared in an HTML comment above the block that uses it, which begins with
// `given`; what many pages take as given is in given.d.ts.
import MarkdownIt from 'markdown-it'

const markdown = new MarkdownIt({ html: true })
const FLAGS = ['continues', 'apart', 'frames', 'from', 'unchecked']

/**
 * @returns {{ path, blocks: { language, flags, code, line, name }[], given: { code, line }[] }} lines count from 1
 * @throws Error with the place, where a block is not marked as the above has it
 */
export function pageOf(path, text) {
  const source = path.endsWith('.md') ? text : docComments(text)
  if (!path.endsWith('.md')) ensureFences(path, source)
  const tokens = markdown.parse(source, {})
  const fences = tokens.filter(({ type }) => type === 'fence').map((token) => blockOf(path, token))
  const blocks = fences.flatMap((block) => (block.language === 'html' ? scriptsOf(block) : [block]))
  const given = tokens.filter(({ type }) => type === 'html_block').flatMap(givenOf)
  return { path, blocks, given }
}

function blockOf(path, { info, content: code, map }) {
  const line = map[0] + 2
  const [, language, rest] = /^(\S*)\s*(.*)$/.exec(info.trim())
  const [, name] = /^\/\/ ([\w./-]+\.[jt]sx?)\n/.exec(code) ?? []
  return { language, flags: flagsOf(rest, `${path}:${line - 1}`), code, line, name }
}

/** What a page of HTML has of code. */
function scriptsOf({ code: html, line, flags }) {
  return [...html.matchAll(/<script type="(\w+)">\n(.*?)<\/script>/gs)].map(
    ({ 0: tag, 1: type, 2: code, index }) => ({
      language: type === 'importmap' ? 'json' : 'js',
      flags,
      code,
      line: line + html.slice(0, index + tag.indexOf('\n')).split('\n').length,
    }),
  )
}

function flagsOf(text, place) {
  const [, reason] = /^unchecked:?\s*(.*)$/.exec(text) ?? []
  if (reason === '') throw new Error(`${place}: "unchecked" needs its reason: \`\`\`ts unchecked: REASON`)
  if (reason !== undefined) return { unchecked: reason }
  // What VitePress reads: highlighted lines, a title.
  const words = text.replace(/\{[\d,-]*\}|\[.*?\]/g, '').split(/\s+/)
  const flags = Object.fromEntries(
    words.filter(Boolean).map((word) => [word.split('=')[0], word.split('=')[1] ?? true]),
  )
  for (const flag of Object.keys(flags)) {
    if (!FLAGS.includes(flag)) throw new Error(`${place}: "${flag}" is none of ${FLAGS.join(', ')}`)
  }
  return flags
}

function givenOf({ content, map }) {
  const [, code] = /^<!-- given\n(.*?)-->/s.exec(content) ?? []
  return code === undefined ? [] : [{ code, line: map[0] + 2 }]
}

/** What has no fence would be shown as code and found by nobody here. */
function ensureFences(path, comments) {
  const lines = comments.split('\n')
  const bare = lines.findIndex(
    (line, index) => line.startsWith('@example') && !/^```\w/.test(lines[index + 1]),
  )
  if (bare >= 0) throw new Error(`${path}:${bare + 1}: after @example, begin a block: \`\`\`ts, or \`\`\`tsx`)
}

/** The text of the doc comments, each line where it was, and nothing else. */
function docComments(text) {
  const blank = (part) => part.replace(/[^\n]/g, '')
  let end = 0
  let comments = ''
  for (const { 0: comment, index } of text.matchAll(/^ *\/\*\*\n.*?^ *\*\/$/gms)) {
    comments += blank(text.slice(end, index)) + comment.replace(/^ *(\/\*\*|\*\/|\* ?)/gm, '')
    end = index + comment.length
  }
  return comments + blank(text.slice(end))
}
