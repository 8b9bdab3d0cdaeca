// An app's one declaration, as its author writes it.
export interface Notification {
  action: 'notification'
  title: string
}

export interface Price {
  action: 'price'
  symbol: string
  value: number
}

declare module 'everwire' {
  interface Messages {
    incoming: Notification | Price
    outgoing: { action: 'markRead'; id: number } | { action: 'unread'; since: number }
    answers: { unread: { count: number } }
  }
}

/** Messages of which some may have several actions, and hold lists. */
export interface Items {
  incoming: { action: 'created' | 'deleted'; id: number } | { action: 'emptied' }
  outgoing: { action: 'find' | 'forget'; ids: number[] } | { action: 'empty' }
  answers: { find: { names: string[] } }
}

/** Another API of the same app, which tells its messages apart by another member. */
export interface Chat {
  incoming: { type: 'said'; text: string } | { type: 'typing'; user: string }
  outgoing: { type: 'say'; text: string }
  actionField: 'type'
}
