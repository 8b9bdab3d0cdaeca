import { useContext } from 'react'
import type { WSClient } from '../client.js'
import { EverwireError, textOf } from '../error.js'
import { SourceContext } from '../hooks/source.js'
import { shared } from '../shared.js'

/** A client of whatever messages: the panel shows all. */
export type AnyClient = WSClient<never> | WSClient

/** The client to show, or why there is none. */
export interface Found {
  readonly client: WSClient | undefined
  /** What is wrong with what `configure()` was given; `undefined` if it was not called. */
  readonly problem?: string
}

/** The client to show: as the hooks find it, but where there is none nothing is thrown. It is not opened. */
export function useClient(given: AnyClient | undefined): Found {
  const provided = useContext(SourceContext)?.client
  const client = given ?? provided
  return client ? { client } : configured()
}

function configured(): Found {
  try {
    return { client: shared({}).client }
  } catch (error) {
    // There is nothing wrong, and the panel knows more ways to a client.
    if (error instanceof EverwireError && error.code === 'not-configured') return { client: undefined }
    return { client: undefined, problem: textOf(error) }
  }
}
