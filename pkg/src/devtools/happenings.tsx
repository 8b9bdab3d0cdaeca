import { memo, type ReactNode } from 'react'
import { Clock } from './clock-time.js'
import type { SectionProps } from './panel.js'
import { KEPT, type Happening } from './recorder.js'

/** What the connection did and why, newest first. */
export function Happenings({ recording: { happenings, droppedHappenings } }: SectionProps): ReactNode {
  return (
    <div className="timeline section" role="group" aria-label="Timeline">
      <div className="head">
        <h2 part="heading">Timeline</h2>
        <p className="aside">newest first</p>
      </div>
      {happenings.length === 0 && <p className="empty">Nothing has happened yet.</p>}
      {/* Focusable, because it scrolls. */}
      <div className="scroller" role="group" aria-label="What happened" tabIndex={0} part="list">
        <ol>{happenings.map((happening) => <Row key={happening.key} happening={happening} />).reverse()}</ol>
        {droppedHappenings > 0 && (
          <p className="aside">{`${String(droppedHappenings)} older ones are not kept: the limit is ${String(KEPT)}.`}</p>
        )}
      </div>
    </div>
  )
}

const Row = memo(function Row({ happening: { at, tone, what, why, code } }: { happening: Happening }) {
  return (
    <li className="happening" data-tone={tone}>
      <Clock at={at} />
      <p>
        <strong>{what}</strong> {why && <span className="why">{why} </span>}
        {code !== undefined && <code>{code}</code>}
      </p>
    </li>
  )
})
