import type { WSClient } from '../client.js'
import { isConfigured, shared } from '../shared.js'

/** The client to show: as the hooks find it, but where there is none that is no error. It is not opened. */
export function useClient(client: WSClient | undefined): WSClient | undefined {
  return client ?? (isConfigured() ? shared({}).client : undefined)
}
