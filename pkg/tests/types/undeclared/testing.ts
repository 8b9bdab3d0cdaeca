// As messages.ts, for the fake server of an app's tests.
import { fakeServer } from 'everwire/testing'
import { expectTypeOf } from 'expect-type'

const server = fakeServer({ url: 'wss://example.com/prod' })

export async function withServer(): Promise<void> {
  server.push({ action: 'whatever' }, 'anything', 7)
  expectTypeOf(await server.expect({ action: 'markRead', id: 7 })).toBeUnknown()
  await server.expect('text')
  await server.expect((message) => message === 7)
  server.answer('unread', { count: 3 })
  server.answer('unread', (message) => ({ asked: message }))
  server.fail('whatever')
  // @ts-expect-error The id of the request goes in it.
  server.answer('unread', 3)
}
