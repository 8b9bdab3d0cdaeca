import type { Status } from '../state.js'

/** A connection's status as people say it. */
export function wordOf(status: Status): string {
  switch (status) {
    case 'open':
      return 'connected'
    case 'fetching-token':
    case 'connecting':
      return 'connecting'
    case 'waiting':
      return 'reconnecting'
    case 'suspended':
      return 'suspended'
    case 'closed':
      return 'disconnected'
  }
}
