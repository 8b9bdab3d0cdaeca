import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { endOnSignals } from '../../scripts/child-processes.mjs'
import { apps } from './apps.mjs'
import { matrix } from './matrix.mjs'
import { problemOf, tableOf } from './table.mjs'

// The tools' servers run in process groups of their own.
endOnSignals()

describe('An app of examples/ connects, shows a message, comes back, and complains of nothing', () => {
  let rows

  before(async () => {
    rows = await matrix(apps)
  })
  after(() => {
    if (rows) console.log(tableOf(rows))
  })

  for (const app of apps) {
    for (const { how } of app.trials) {
      it(`${app.id}, ${how}`, () => {
        const row = rows.find((row) => row.app === app && row.how === how)
        assert.equal(problemOf(row), undefined)
      })
    }
  }
})
