// Compiled, and not run: what an app with declared messages may write. A line that should be an error and is
// none fails, too.
import WSClient, { WEBSOCKET_EVENT, type WSEvent } from 'everwire'
import { expectTypeOf } from 'expect-type'
import { z } from 'zod'
import type { Chat, Items, Notification, Price } from './messages.js'

const client = new WSClient({ url: 'wss://example.com/prod' })
const chat = new WSClient<Chat>({ url: 'wss://chat.example.com/prod', actionField: 'type' })

export async function sending(): Promise<void> {
  await client.send({ action: 'markRead', id: 7 })
  // @ts-expect-error The action is misspelt.
  await client.send({ action: 'markRaed', id: 7 })
  // @ts-expect-error A member is missing.
  await client.send({ action: 'markRead' })
  // @ts-expect-error A member is of another type.
  await client.send({ action: 'markRead', id: '7' })
  await chat.send({ type: 'say', text: 'Hi' })
  // @ts-expect-error That is a message of the other API.
  await chat.send({ action: 'markRead', id: 7 })
}

export async function requesting(): Promise<void> {
  expectTypeOf(await client.request({ action: 'unread', since: 0 })).toEqualTypeOf<{ count: number }>()
  // @ts-expect-error The action is misspelt.
  await client.request({ action: 'unraed', since: 0 })
  // @ts-expect-error This message has no answer.
  await client.request({ action: 'markRead', id: 7 })
}

export function receiving(): void {
  client.addEventListener(WEBSOCKET_EVENT, ({ message }) => {
    expectTypeOf(message).toEqualTypeOf<Notification | Price>()
  })
  client.addEventListener(WEBSOCKET_EVENT, (event: WSEvent<Notification>) => event.message.title)
  // @ts-expect-error No message is a number.
  client.addEventListener(WEBSOCKET_EVENT, (event: WSEvent<number>) => event.message)
  client.on('price', (message, event) => {
    expectTypeOf(message).toEqualTypeOf<Price>()
    expectTypeOf(event).toEqualTypeOf<WSEvent<Price>>()
  })
  // @ts-expect-error The action is misspelt.
  client.on('prize', () => undefined)
  chat.on('typing', ({ user }) => user)
  // @ts-expect-error That is an action of the other API.
  chat.on('price', () => undefined)
}

export async function looping(): Promise<void> {
  for await (const message of client) expectTypeOf(message).toEqualTypeOf<Notification | Price>()
  for await (const message of client.messages()) expectTypeOf(message).toEqualTypeOf<Notification | Price>()
  for await (const message of client.messages<Price>()) expectTypeOf(message).toEqualTypeOf<Price>()
}

const notification = z.object({ action: z.literal('notification'), title: z.string() })
const price = z.object({ action: z.literal('price'), symbol: z.string(), value: z.number() })

export function checking(): void {
  const url = 'wss://example.com/prod'
  new WSClient({ url, schema: z.discriminatedUnion('action', [notification, price]) })
  new WSClient({ url, schema: notification })
  // @ts-expect-error The schema gives what the app has not declared.
  new WSClient({ url, schema: z.object({ action: z.literal('weather') }) })
  interface Declared {
    incoming: z.infer<typeof price>
  }
  new WSClient<Declared>({ url, schema: price }).on('price', ({ value }) => value.toFixed())
}

export async function severalActions(items: WSClient<Items>): Promise<void> {
  items.on('created', ({ id }) => expectTypeOf(id).toEqualTypeOf<number>())
  items.on('emptied', (message) => expectTypeOf(message).toEqualTypeOf<{ action: 'emptied' }>())
  expectTypeOf(await items.request({ action: 'find', ids: [1] })).toEqualTypeOf<{ names: string[] }>()
  // @ts-expect-error This action has no answer.
  await items.request({ action: 'forget', ids: [1] })
}
