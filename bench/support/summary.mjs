/**
 * One series of samples, as a part measures it:
 *
 *   case     under which circumstances: `150 B, Chromium`
 *   metric   what: `CPU per message`
 *   unit     of the samples: `µs`, `MB`, `/s`, or `` for a count
 *   subject  whose: `everwire`, `partysocket`
 *   samples  one number per repetition. The subjects of a case take turns in each repetition, so that sample i of one
 *            and sample i of another were taken side by side
 *   text     in place of samples: why there is no number (`gives up`)
 *
 * @typedef {{ case: string, metric: string, unit: string, subject: string, samples?: number[], text?: string }} Measure
 */

/**
 * What a figure is held to. With `of`, the ratio of the two subjects' samples is, or their difference; else the
 * samples themselves. `cases` says for which cases, all by default. One of `atMost` and `atLeast`.
 *
 * @typedef {{ metric: string, cases?: string[], subject: string, of?: string, difference?: boolean, atMost?: number, atLeast?: number }} Target
 */

/**
 * Medians with their spread, and the targets with what came out.
 *
 * Ratios are taken repetition by repetition, side by side, and their median counts: what slowed the machine in one
 * repetition slowed both.
 */
export function summarize(measures, targets = []) {
  return {
    rows: measures.map(({ samples, ...rest }) =>
      samples ? { ...rest, ...spread(samples), samples: samples.map(rounded) } : rest,
    ),
    targets: targets.flatMap((target) => held(target, measures)),
  }
}

function held({ metric, cases, subject, of, difference, atMost, atLeast }, measures) {
  const own = measures.filter(
    (measure) =>
      measure.metric === metric && measure.subject === subject && (!cases || cases.includes(measure.case)),
  )
  return own.map((measure) => {
    const other = measures.find(
      (candidate) =>
        candidate.metric === metric && candidate.subject === of && candidate.case === measure.case,
    )
    const values = compared(measure.samples, other?.samples, { of, difference })
    const value = values && spread(values)
    const isMet =
      value !== undefined &&
      (atMost === undefined || value.median <= atMost) &&
      (atLeast === undefined || value.median >= atLeast)
    return {
      case: measure.case,
      metric,
      unit: measure.unit,
      subject,
      of,
      difference,
      atMost,
      atLeast,
      ...value,
      isMet,
    }
  })
}

/** Sample by sample; undefined where one of them has none. */
function compared(samples, others, { of, difference }) {
  if (!samples || (of && !others)) return undefined
  if (!of) return samples
  return samples.map((sample, i) => (difference ? sample - others[i] : sample / others[i]))
}

/** The median of numbers, and between what the middle half of them lies. */
export function spread(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other)
  return { median: rounded(at(sorted, 0.5)), low: rounded(at(sorted, 0.25)), high: rounded(at(sorted, 0.75)) }
}

/** The quantile of sorted numbers, between two of them as far as it lies between. */
function at(sorted, quantile) {
  const place = (sorted.length - 1) * quantile
  const below = sorted[Math.floor(place)]
  return below + (sorted[Math.ceil(place)] - below) * (place % 1)
}

/** Four digits: no measurement here knows more. */
function rounded(number) {
  return Number(number.toPrecision(4))
}
