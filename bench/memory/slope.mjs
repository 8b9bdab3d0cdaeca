/** The slope of the line that fits points `[x, y]` best, by least squares. */
export function slopeOf(points) {
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length
  const [middleX, middleY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const rise = points.reduce((sum, [x, y]) => sum + (x - middleX) * (y - middleY), 0)
  const run = points.reduce((sum, [x]) => sum + (x - middleX) ** 2, 0)
  return rise / run
}
