import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overview } from '../support/overview.mjs'
import { spread, summarize } from '../support/summary.mjs'
import { tables } from '../support/tables.mjs'

const series = (subject, samples) => ({ case: 'small', metric: 'time', unit: 'µs', subject, samples })

test('a series is told by its median, and by what its middle half lies between', () => {
  assert.deepEqual(spread([5, 1, 4, 2, 3]), { median: 3, low: 2, high: 4 })
  assert.deepEqual(spread([1, 2]), { median: 1.5, low: 1.25, high: 1.75 })
})

test('a ratio is taken side by side, so that a slow moment of the machine slows both', () => {
  const measures = [series('ours', [10, 200, 12]), series('theirs', [20, 400, 24])]
  const [target] = summarize(measures, [
    { metric: 'time', subject: 'ours', of: 'theirs', atMost: 0.5 },
  ]).targets
  assert.deepEqual([target.median, target.low, target.high, target.isMet], [0.5, 0.5, 0.5, true])
})

test('a difference is held to its bound in the unit of the metric', () => {
  const measures = [series('ours', [13, 14]), series('theirs', [10, 10])]
  const [target] = summarize(measures, [
    { metric: 'time', subject: 'ours', of: 'theirs', difference: true, atMost: 3 },
  ]).targets
  assert.deepEqual([target.median, target.isMet], [3.5, false])
})

test('a target without a figure is not met', () => {
  const measures = [{ ...series('ours'), samples: undefined, text: 'gives up' }]
  const result = summarize(measures, [{ metric: 'time', subject: 'ours', atLeast: 1 }])
  assert.equal(result.targets[0].isMet, false)
  const page = tables({
    ...result,
    machine: ['2 × a processor'],
    versions: { ours: '1.0.0' },
    date: '2026-01-01',
  })
  assert.match(page, /\| ours \| gives up \|/)
  assert.match(page, /\| time of ours: ≥ 1 µs \| small \| ✗ \| no figure \|/)
})

test('the overview has each target once, and says of how many cases it is met', () => {
  const cases = ['small', 'large'].map((name, i) => ({ ...series('ours', [i + 1]), case: name }))
  const { targets } = summarize(cases, [
    { metric: 'time', subject: 'ours', atMost: 1 },
    { metric: 'time', cases: ['small'], subject: 'ours', atMost: 3 },
  ])
  const lines = overview([{ title: 'A part', targets }])
    .trim()
    .split('\n')
    .slice(2)
  assert.deepEqual(lines, [
    '| A part | time of ours: ≤ 1 µs | 1 of 2 | small: 1<br>large: 2 |',
    '|  | time of ours: ≤ 3 µs | ✓ | 1 |',
  ])
})
