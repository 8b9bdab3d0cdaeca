import type { Status } from 'everwire'

/** The four words in which the page speaks of a connection. */
export type ConnectionWord = 'connected' | 'connecting' | 'reconnecting' | 'disconnected'

export function connectionWord(status: Status): ConnectionWord {
  switch (status) {
    case 'open':
      return 'connected'
    case 'fetching-token':
    case 'connecting':
      return 'connecting'
    case 'waiting':
      return 'reconnecting'
    case 'suspended':
    case 'closed':
      return 'disconnected'
  }
}
