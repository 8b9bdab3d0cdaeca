import { COLUMNS } from './observations.mjs'

const HEADINGS = ['tool', 'version', 'React', 'how', ...Object.values(COLUMNS), 'core, brotli']

/** The rows as a table of Markdown. */
export function tableOf(rows) {
  const lines = [HEADINGS, HEADINGS.map(() => '---'), ...rows.map(cellsOf)]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function cellsOf({ app, how, version, react, observed, brotli }) {
  const [tool] = app.tool
  const marks = Object.keys(COLUMNS).map((what) => observed.mark(what))
  const size = brotli === undefined ? '–' : `${(brotli / 1000).toFixed(1)} kB`
  return [`[${tool}](../examples/${app.id})`, version ?? '–', react ?? '–', how, ...marks, size]
}

/** What went wrong, for a person; undefined if nothing did. */
export function problemOf({ app, how, observed }) {
  if (!observed.problem) return
  const { what, error } = observed.problem
  return `${app.id}, ${how}, not "${COLUMNS[what]}": ${error.message}`
}
