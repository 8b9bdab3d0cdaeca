import { spread } from '../support/summary.mjs'

export const median = (numbers) => spread(numbers).median

/**
 * How a figure of Everwire compares with the best of the others, case by case: `figureOf(client, case)` gives it, or
 * undefined where there is none. Less is better.
 *
 * Two measures for each case: the ratio, and whose the other figure is.
 */
export function withBest({ metric, cases, clients, figureOf }) {
  return cases.flatMap((name) => {
    const others = clients
      .filter(({ id }) => id !== 'everwire')
      .map(({ id }) => ({ id, figure: figureOf(id, name) }))
      .filter(({ figure }) => figure !== undefined)
      .sort((one, other) => one.figure - other.figure)
    const [best] = others
    const own = figureOf('everwire', name)
    const common = { case: name, metric, unit: '' }
    return [
      { ...common, subject: 'everwire', samples: [own / best.figure] },
      { ...common, subject: 'that other', text: best.id },
    ]
  })
}
