// As client.ts, for the hooks.
import type WSClient from 'everwire'
import { type ConnectionState, type Status, type WSEvent } from 'everwire'
import useWebSocketClient, {
  useClientEvent,
  useConnectionState,
  useLatest,
  useMessage,
  useMessages,
  useRequest,
} from 'everwire/react'
import { expectTypeOf } from 'expect-type'
import type { Chat, Items, Notification, Price } from './messages.js'

export function useReceiving(client: WSClient<Chat>): void {
  useMessage((message) => expectTypeOf(message).toEqualTypeOf<Notification | Price>())
  useMessage('price', (message, event) => {
    expectTypeOf(message).toEqualTypeOf<Price>()
    expectTypeOf(event).toEqualTypeOf<WSEvent<Price>>()
  })
  useMessage('typing', (message) => expectTypeOf(message.user).toEqualTypeOf<string>(), { client })
  // @ts-expect-error The action is misspelt.
  useMessage('prize', () => undefined)
  // @ts-expect-error That is an action of the other API.
  useMessage('price', () => undefined, { client })
}

export function useShowing(client: WSClient<Chat>): void {
  expectTypeOf(useLatest('price')).toEqualTypeOf<Price | undefined>()
  expectTypeOf(useLatest('price', ({ value }) => value)).toEqualTypeOf<number | undefined>()
  expectTypeOf(useLatest('price', ({ value }) => (value > 0 ? value : undefined))).toEqualTypeOf<
    number | undefined
  >()
  expectTypeOf(useLatest((message) => message.action)).toEqualTypeOf<'notification' | 'price' | undefined>()
  expectTypeOf(useLatest('typing', ({ user }) => user, { client })).toEqualTypeOf<string | undefined>()
  // @ts-expect-error The action is misspelt.
  useLatest('prize')

  expectTypeOf(useMessages().messages[0]?.message).toEqualTypeOf<Notification | Price | undefined>()
  expectTypeOf(useMessages({ action: 'price' }).messages[0]?.message).toEqualTypeOf<Price | undefined>()
  // @ts-expect-error The action is misspelt.
  useMessages({ action: 'prize' })
}

export function useAsking(): void {
  const { request, answer } = useRequest((since: number) => ({ action: 'unread', since }))
  expectTypeOf(request).toEqualTypeOf<(since: number) => Promise<{ count: number }>>()
  expectTypeOf(answer).toEqualTypeOf<{ count: number } | undefined>()
  // @ts-expect-error The action is misspelt.
  useRequest((since: number) => ({ action: 'unraed', since }))
  // @ts-expect-error This message has no answer.
  useRequest((id: number) => ({ action: 'markRead', id }))
}

export function useSeeing(client: WSClient<Chat>): void {
  expectTypeOf(useConnectionState()).toEqualTypeOf<ConnectionState>()
  expectTypeOf(useConnectionState({ client })).toEqualTypeOf<ConnectionState>()
  expectTypeOf(useConnectionState(({ status }) => status)).toEqualTypeOf<Status>()
  expectTypeOf(useConnectionState(({ status }) => status === 'open', { client })).toEqualTypeOf<boolean>()
  useClientEvent('gap', ({ ms }) => expectTypeOf(ms).toEqualTypeOf<number>(), { client })
  // @ts-expect-error There is no such event.
  useClientEvent('gab', () => undefined)
}

export function useSharedClient(): void {
  const { client } = useWebSocketClient({
    onEvent: ({ message }) => expectTypeOf(message).toEqualTypeOf<Notification | Price>(),
  })
  expectTypeOf(client).toEqualTypeOf<WSClient>()
  useWebSocketClient({ onEvent: (event: WSEvent<Notification>) => event.message.title })
  const chat = useWebSocketClient<Chat>({
    url: 'wss://chat.example.com/prod',
    onEvent: ({ message }) => expectTypeOf(message.type).toEqualTypeOf<'said' | 'typing'>(),
  })
  expectTypeOf(chat.client).toEqualTypeOf<WSClient<Chat>>()
}

export function useSeveralActions(client: WSClient<Items>): void {
  useMessage('deleted', ({ id }) => expectTypeOf(id).toEqualTypeOf<number>(), { client })
  const { answer } = useRequest((id: number) => ({ action: 'find', ids: [id] }), { client })
  expectTypeOf(answer).toEqualTypeOf<{ names: string[] } | undefined>()
}
