/** Whether a target is met. */
export const MARKS = { true: '✓', false: '✗' }

/** A result as Markdown: a table for each metric, subjects as rows and cases as columns; then the targets. */
export function tables({ rows, targets, machine, versions, date }) {
  const metrics = [...new Set(rows.map(({ metric }) => metric))]
  const lines = [
    ...metrics.flatMap((metric) => table(rows.filter((row) => row.metric === metric))),
    ...targetTable(targets),
  ]
  const took = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [...lines, `${date}; ${[...machine, ...took].join(', ')}.`, ''].join('\n')
}

function table(rows) {
  const [{ metric, unit }] = rows
  const cases = [...new Set(rows.map((row) => row.case))]
  const subjects = [...new Set(rows.map(({ subject }) => subject))]
  const cell = (subject, name) => figure(rows.find((row) => row.subject === subject && row.case === name))
  return [
    `| ${metric}${unit && `, ${unit}`} | ${cases.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(cases.length)}`,
    ...subjects.map((subject) => `| ${subject} | ${cases.map((name) => cell(subject, name)).join(' | ')} |`),
    '',
  ]
}

/** The median, and between what the middle half lies where that is not the same. */
export function figure(row) {
  if (!row) return '–'
  if (row.text) return row.text
  const { median, low, high } = row
  const range = low === high ? '' : ` (${shown(low)}–${shown(high)})`
  return `${shown(median)}${range}`
}

function targetTable(targets) {
  if (targets.length === 0) return []
  return [
    '| target | case | | came out |',
    '| --- | --- | --- | ---: |',
    ...targets.map(
      (target) =>
        `| ${wording(target)} | ${target.case} | ${MARKS[target.isMet]} | ${target.median === undefined ? 'no figure' : figure(target)} |`,
    ),
    '',
  ]
}

/** A target in words. */
export function wording({ metric, unit, subject, of, difference, atMost, atLeast }) {
  const bound = atMost === undefined ? `≥ ${shown(atLeast)}` : `≤ ${shown(atMost)}`
  if (!of) return `${metric} of ${subject}: ${bound}${unit && ` ${unit}`}`
  return difference
    ? `${metric}: ${subject} ${bound} ${unit} more than ${of}`
    : `${metric}: ${subject} ${bound} × ${of}`
}

/** As people read numbers: 1,234; 56.7; 0.123. */
function shown(number) {
  return number.toLocaleString('en', {
    maximumSignificantDigits: Math.abs(number) >= 1_000 ? 21 : 3,
    maximumFractionDigits: 0,
    roundingPriority: 'morePrecision',
  })
}
