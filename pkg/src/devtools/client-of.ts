import { useContext } from 'react'
import type { WSClient } from '../client.js'
import { SourceContext } from '../hooks/source.js'
import { shared } from '../shared.js'

/** A client of whatever messages: the panel shows all. */
export type AnyClient = WSClient<never> | WSClient

/** The client to show: as the hooks find it, but where there is none that is no error. It is not opened. */
export function useClient(client: AnyClient | undefined): WSClient | undefined {
  const provided = useContext(SourceContext)?.client
  return client ?? provided ?? configured()
}

function configured(): WSClient | undefined {
  try {
    return shared({}).client
  } catch {
    return undefined
  }
}
