import type { TimelineEntry } from '../hooks/useTimeline.js'

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 1,
})

export function TimelineItem({ entry: { at, tone, what, why } }: { entry: TimelineEntry }) {
  return (
    <li className="timeline-item" data-tone={tone}>
      <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time>
      <p>
        <strong>{what}</strong> <span className="timeline-why">{why}</span>
      </p>
    </li>
  )
}
