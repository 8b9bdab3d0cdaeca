import type { ReactNode } from 'react'
import type { SectionProps } from './panel.js'
import { sizeText } from './message-text.js'

/** What waits to be sent, and what has been counted. */
export function Counts({ client }: SectionProps): ReactNode {
  const counters = client.explain()?.counters
  return (
    <div className="counts section" role="group" aria-label="Queue and counters">
      <h2 part="heading">Queue and counters</h2>
      <dl>
        <Count name="Waiting">{counters?.queued ?? 0}</Count>
        <Count name="In the socket">{sizeText(client.bufferedAmount)}</Count>
        <Count name="Round trip">
          {counters?.rttMs === undefined ? 'unknown' : `${rounded(counters.rttMs)} ms`}
        </Count>
        <Count name="Sent">{`${String(counters?.messagesSent ?? 0)} (${sizeText(counters?.bytesSent ?? 0)})`}</Count>
        <Count name="Frames in">{counters?.framesReceived ?? 0}</Count>
        <Count name="Duplicates">{counters?.duplicates ?? 0}</Count>
        <Count name="Attempts">{counters?.attempts ?? 0}</Count>
        <Count name="Drops">{counters?.drops ?? 0}</Count>
        <Count name="Hand-overs">{counters?.handOvers ?? 0}</Count>
      </dl>
    </div>
  )
}

function Count({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

const rounded = (ms: number): string => ms.toFixed(ms < 10 ? 1 : 0)
