// Compiled, and not run: what an app may write that has not declared its messages. Everything is `unknown` then,
// and a handler says what it takes.
import WSClient, { WEBSOCKET_EVENT, type WSEvent } from 'everwire'
import useWebSocketClient, { useLatest, useMessage, useMessages, useRequest } from 'everwire/react'
import { expectTypeOf } from 'expect-type'
import { z } from 'zod'

interface Price {
  action: 'price'
  value: number
}

const client = new WSClient({ url: 'wss://example.com/prod' })

export async function withClient(): Promise<void> {
  await client.send('anything')
  client.addEventListener(WEBSOCKET_EVENT, ({ message }) => expectTypeOf(message).toBeUnknown())
  client.addEventListener(WEBSOCKET_EVENT, (event: WSEvent<Price>) => event.message.value)
  client.on('price', (message) => expectTypeOf(message).toBeUnknown())
  client.on('price', (message: Price) => message.value)
  for await (const message of client.messages<Price>()) expectTypeOf(message).toEqualTypeOf<Price>()
  expectTypeOf(await client.request({ action: 'unread' })).toBeUnknown()
  expectTypeOf(await client.request<Price>({ action: 'unread' })).toEqualTypeOf<Price>()
  // @ts-expect-error A message that is to be answered must be an object.
  await client.request('unread')
  new WSClient({ url: 'wss://example.com/prod', schema: z.object({ value: z.number() }) })
}

export function useHooks(): void {
  useWebSocketClient({ onEvent: ({ message }) => expectTypeOf(message).toBeUnknown() })
  useWebSocketClient({ onEvent: (event: WSEvent<Price>) => event.message.value })
  useMessage((message) => expectTypeOf(message).toBeUnknown())
  useMessage(({ value }: Price) => value)
  useMessage('price', (message: Price, event) => expectTypeOf(event).toEqualTypeOf<WSEvent<Price>>())
  expectTypeOf(useLatest('price')).toBeUnknown()
  expectTypeOf(useLatest('price', ({ value }: Price) => value)).toEqualTypeOf<number | undefined>()
  expectTypeOf(useLatest(({ value }: Price) => value)).toEqualTypeOf<number | undefined>()
  expectTypeOf(useMessages({ action: 'price' }).messages[0]?.message).toBeUnknown()
  expectTypeOf(useRequest((since: number) => ({ action: 'unread', since })).answer).toBeUnknown()
}
