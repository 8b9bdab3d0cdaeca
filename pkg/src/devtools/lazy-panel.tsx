import { useState, type ReactNode } from 'react'
import { textOf } from '../error.js'
import { useCommitEffect } from '../hooks/source.js'
import { useClient, type AnyClient } from './client-of.js'
import type * as PanelModule from './panel.js'
import type { Section } from './panel.js'
import type { DevtoolsTheme } from './theme.js'

const load = (): Promise<typeof PanelModule> => import('./panel.js')

/** What {@link DevtoolsPanel} takes. */
export interface DevtoolsPanelProps {
  /**
   * The client to show. It is neither opened nor kept open.
   * @default that of the nearest `WebSocketProvider`, else the one that `configure()` describes
   */
  client?: AnyClient | undefined
  /** What is shown, in this order. @default all: state, controls, counters, timeline, messages */
  sections?: readonly Section[] | undefined
  /** @default 'system': as the user's system prefers */
  theme?: DevtoolsTheme | undefined
  /** For the element around it, which is the app's to place and to size. */
  className?: string | undefined
}

/**
 * The panel by itself, or parts of it, to be placed in a page. Its code is loaded when it is mounted first; it
 * records messages from then on.
 *
 * @example
 * ```tsx
 * import type { WSClient } from 'everwire'
 * import { DevtoolsPanel } from 'everwire/devtools'
 *
 * export function Connection({ client }: { client: WSClient }) {
 *   return <DevtoolsPanel client={client} sections={['state', 'timeline']} />
 * }
 * ```
 */
export function DevtoolsPanel({ client: given, ...rest }: DevtoolsPanelProps): ReactNode {
  const { client, problem: wrong } = useClient(given)
  // Not what is loaded already: a server has rendered without it.
  const [panel, setPanel] = useState<typeof PanelModule>()
  const [problem, setProblem] = useState<string>()
  useCommitEffect(() => {
    load().then(setPanel, (error: unknown) => setProblem(textOf(error)))
  }, [])

  if (client && panel) return <panel.Panel client={client} {...rest} />
  const broken = client
    ? problem && `The panel could not be loaded; mount it again to retry. ${problem}`
    : wrong && `There is no client to show. ${wrong}`
  return (
    <div className={rest.className}>
      <p role={broken ? 'alert' : 'status'}>{broken ?? (client ? 'Loading…' : NO_CLIENT)}</p>
    </div>
  )
}

const NO_CLIENT =
  'There is no client to show: give one, put this into a WebSocketProvider, or call configure() before.'
