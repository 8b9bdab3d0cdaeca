import { useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'
import type { WSClient } from '../client.js'
import { Controls } from './controls.js'
import { Counts } from './counts.js'
import { Happenings } from './happenings.js'
import { MessageLog } from './message-log.js'
import { PANEL_CSS } from './panel-style.js'
import { recorderOf, type Recorder, type Recording } from './recorder.js'
import { Shadow } from './shadow.js'
import { StateFacts } from './state-facts.js'
import type { DevtoolsTheme } from './theme.js'

/** A part of the panel. */
export type Section = (typeof SECTIONS)[number]

const SECTIONS = ['state', 'controls', 'counters', 'timeline', 'messages'] as const

/** For what no event tells of: counters, what the socket has sent, and that a message is handed over which waits for its answer. */
const EVERY_MS = 500

/** What a section shows. */
export interface SectionProps {
  readonly client: WSClient
  readonly recorder: Recorder
  readonly recording: Recording
}

const COMPONENTS: Readonly<Record<Section, (props: SectionProps) => ReactNode>> = {
  state: StateFacts,
  controls: Controls,
  counters: Counts,
  timeline: Happenings,
  messages: MessageLog,
}

/** Those that scroll, each in a column of its own where there is room. */
const LISTS = new Set<Section>(['timeline', 'messages'])

/** What {@link Panel} takes. */
export interface PanelProps {
  client: WSClient
  sections?: readonly Section[] | undefined
  theme?: DevtoolsTheme | undefined
  className?: string | undefined
}

/** The panel, once it is loaded. */
export function Panel({ client, sections = SECTIONS, theme = 'system', className }: PanelProps): ReactNode {
  const recorder = useMemo(() => recorderOf(client), [client])
  const recording = useSyncExternalStore(recorder.subscribe, recorder.get, recorder.get)
  useEffect(() => recorder.record(), [recorder])
  useAgain(EVERY_MS)
  const all = sections.map((section) => {
    const Component = COMPONENTS[section]
    return {
      isList: LISTS.has(section),
      node: <Component key={section} {...{ client, recorder, recording }} />,
    }
  })
  const [lists, rest] = [true, false].map((isList) => all.filter((one) => one.isList === isList))
  return (
    <Shadow css={PANEL_CSS} theme={theme} className={className}>
      <div className="sections">
        {rest && rest.length > 0 && <div className="summary">{rest.map(({ node }) => node)}</div>}
        {lists?.map(({ node }) => node)}
      </div>
    </Shadow>
  )
}

/** Renders again and again. */
function useAgain(everyMs: number): void {
  const [, setCount] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setCount((count) => count + 1), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
}
