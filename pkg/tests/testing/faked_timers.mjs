import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { useFakeServer } from './setting.mjs'

export function describeFakedTimers() {
  describe('a fake server where the test has fake timers of its own', () => {
    const test = useFakeServer()
    beforeEach(() =>
      mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: 5 }),
    )
    afterEach(() => mock.timers.reset())

    it('waits all the same, and moves only its own time', async () => {
      const told = []
      setTimeout(() => told.push('the timer of the test'), 1000)
      const { client } = await test.open()
      test.server.drop()
      await test.server.connected()
      client.send({ n: 1 })
      await test.server.expect({ n: 1 })
      await test.server.advance(60_000)
      assert.deepEqual(told, [])
      assert.equal(Date.now(), 5)
      mock.timers.tick(1000)
      assert.deepEqual(told, ['the timer of the test'])
    })

    it('is not moved by theirs', async () => {
      const { client } = await test.open()
      test.server.drop()
      mock.timers.tick(60_000)
      assert.equal(client.state.status, 'waiting')
    })
  })
}
