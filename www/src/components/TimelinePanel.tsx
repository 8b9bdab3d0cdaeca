import type { WSClient } from 'everwire'
import { useTimeline } from '../hooks/useTimeline.js'
import { Panel } from './Panel.js'
import { TimelineItem } from './TimelineItem.js'
import './TimelinePanel.css'

/** What the connection did. */
export function TimelinePanel({ client }: { client: WSClient }) {
  const timeline = useTimeline(client)
  return (
    <Panel
      title="What happened"
      className="timeline"
      aside={<span className="panel-aside">newest first</span>}
    >
      {/* Focusable, because it scrolls. */}
      <div className="scroller" role="group" aria-label="Timeline" tabIndex={0}>
        <ol data-testid="timeline">
          {timeline.map((entry) => (
            <TimelineItem key={entry.key} entry={entry} />
          ))}
        </ol>
      </div>
    </Panel>
  )
}
