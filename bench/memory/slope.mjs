import { spread } from '../support/summary.mjs'

/**
 * The slope of the line through points `[x, y]`: the median of the slopes between any two (Theil and Sen), since now and
 * then a look finds the browser without one of its own tables, which is back at the next.
 */
export function slopeOf(points) {
  const slopes = points.flatMap(([x, y], place) =>
    points.slice(place + 1).map(([laterX, laterY]) => (laterY - y) / (laterX - x)),
  )
  return spread(slopes).median
}
