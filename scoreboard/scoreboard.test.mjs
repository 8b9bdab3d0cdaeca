import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { clients } from './clients.mjs'
import { scenarios } from './scenarios/index.mjs'
import { tournament } from './support/tournament.mjs'

/** What Everwire gets that is not good, and has to get no worse. To be removed as soon as it is. */
const NOT_GOOD_YET = { cut: 'fair' }

describe('Everwire, in the scenarios of the scoreboard', () => {
  const everwire = clients.find(({ id }) => id === 'everwire')
  let resultOf

  before(async () => {
    resultOf = await tournament(scenarios, [everwire])
  })

  for (const scenario of scenarios) {
    test(`${scenario.name}: ${scenario.counts}`, () => {
      const { verdict, text, raw } = resultOf(scenario, everwire)
      assert.equal(verdict, NOT_GOOD_YET[scenario.id] ?? 'good', `${text}\n${JSON.stringify(raw)}`)
    })
  }
})
