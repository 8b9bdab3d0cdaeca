// As client.ts, for the fake server of an app's tests.
import { fakeServer, type FakeConnection } from 'everwire/testing'
import { expectTypeOf } from 'expect-type'
import type { Chat, Items } from './messages.js'

const server = fakeServer({ url: 'wss://example.com/prod' })
const items = fakeServer<Items>({ url: 'wss://items.example.com/prod' })
const chat = fakeServer<Chat>({ url: 'wss://chat.example.com/prod', actionField: 'type' })

export async function pushing(): Promise<void> {
  server.push({ action: 'notification', title: 'Hi' }, { action: 'price', symbol: 'A', value: 1 })
  // @ts-expect-error The action is misspelt.
  server.push({ action: 'notifcation', title: 'Hi' })
  chat.push({ type: 'typing', user: 'Ann' })
  const connection = await chat.connected()
  expectTypeOf(connection).toEqualTypeOf<FakeConnection<Chat>>()
  // @ts-expect-error That is a message of the other API.
  connection.push({ action: 'notification', title: 'Hi' })
}

export async function expecting(): Promise<void> {
  expectTypeOf(await server.expect({ action: 'markRead' })).toEqualTypeOf<{
    action: 'markRead'
    id: number
  }>()
  await server.expect({ action: 'markRead', id: 7 })
  // @ts-expect-error The action is misspelt.
  await server.expect({ action: 'markRaed' })
  // @ts-expect-error A message of this action has no such member.
  await server.expect({ action: 'markRead', since: 0 })
  await server.expect({ since: 0 })
  await server.expect((message) => message.action === 'unread' && message.since > 0)
  await chat.expect({ type: 'say' })
  // A message that may have several actions.
  expectTypeOf(await items.expect({ action: 'find' })).toEqualTypeOf<{
    action: 'find' | 'forget'
    ids: number[]
  }>()
}

export function answering(): void {
  server.answer('unread', { count: 3 })
  server.answer('unread', ({ since }) => Promise.resolve({ count: since }))
  // @ts-expect-error The answer has another member.
  server.answer('unread', { number: 3 })
  // @ts-expect-error This message has no answer.
  server.answer('markRead', {})
  items.answer('find', ({ ids }) => ({ names: ids.map(String) }))
}

export function failing(): void {
  server.fail('unread')
  server.fail('markRead', 'Forbidden')
  items.fail('forget')
  chat.fail('say')
  // @ts-expect-error The action is misspelt.
  server.fail('markRaed')
}
