import { MARKS, figure, wording } from './tables.mjs'

/** The targets of all results as one Markdown table, in the order of the results: `{ title, targets }[]`. */
export function overview(results) {
  const rows = results.flatMap(({ title, targets }) => grouped(targets).map((group) => [title, group]))
  const lines = rows.map(([title, group], i) => {
    const isFirst = i === 0 || rows[i - 1][0] !== title
    return `| ${[isFirst ? title : '', wording(group[0]), ...cellsOf(group)].join(' | ')} |`
  })
  return ['| | target | | came out |', '| --- | --- | --- | --- |', ...lines, ''].join('\n')
}

/** Targets of the same words, which differ in their cases only. */
function grouped(targets) {
  const all = [...new Set(targets.map(wording))]
  return all.map((words) => targets.filter((target) => wording(target) === words))
}

function cellsOf(group) {
  const met = group.filter(({ isMet }) => isMet).length
  const mark = met === group.length || met === 0 ? MARKS[met > 0] : `${met} of ${group.length}`
  const came = group.map((target) => {
    const value = target.median === undefined ? 'no figure' : figure(target)
    return group.length > 1 ? `${target.case}: ${value}` : value
  })
  return [mark, came.join('<br>')]
}
