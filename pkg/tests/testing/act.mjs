import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fakeServer } from '../../dist/testing.js'
import { useFakeServer } from './setting.mjs'

export function describeAct() {
  describe('the option act', () => {
    const test = useFakeServer()
    const url = 'wss://other.example.com/prod'
    beforeEach(() => (globalThis.IS_REACT_ACT_ENVIRONMENT = true))
    afterEach(() => delete globalThis.IS_REACT_ACT_ENVIRONMENT)

    /** A server with an `act` of its own, which notes what it is called around; and a client of it. */
    const openOther = async () => {
      const calls = []
      const act = (run) => {
        calls.push('act')
        run()
      }
      const server = fakeServer({ url, act })
      const { client } = test.make({ url })
      void client.open()
      await server.connected()
      calls.length = 0
      return { server, client, calls }
    }

    it('is for what its own server does', async () => {
      const { server, calls } = await openOther()
      await test.open()
      calls.length = 0
      test.server.push({ n: 1 })
      test.server.drop()
      assert.deepEqual(calls, [])
      server.push({ n: 1 })
      assert.ok(calls.length > 0)
      server.close()
    })

    it('is for what the clients of its server tell', async () => {
      const { server, client, calls } = await openOther()
      const { client: another } = await test.open()
      calls.length = 0
      another.close()
      assert.deepEqual(calls, [])
      client.close()
      assert.ok(calls.length > 0)
      server.close()
    })

    it('stays where another server comes or goes', async () => {
      const { server, calls } = await openOther()
      fakeServer({ url: 'wss://third.example.com/prod' }).close()
      test.server.close()
      server.push({ n: 1 })
      assert.ok(calls.length > 0)
      server.close()
    })
  })
}
