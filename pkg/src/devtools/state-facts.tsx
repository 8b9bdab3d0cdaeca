import { useEffect, useState, type ReactNode } from 'react'
import type { ConnectionState } from '../state.js'
import { now } from '../time.js'
import type { SectionProps } from './panel.js'
import { seconds } from './recorder.js'
import { wordOf } from './words.js'

const ENGINES = { wasm: 'WebAssembly', js: 'JavaScript' }

/** Where the connection stands, why, and when the next attempt begins. */
export function StateFacts({ client }: SectionProps): ReactNode {
  const { state, engine } = client
  const { status, why, attempt, closeCode, generation, cause, retryAt } = state
  return (
    <div className="state section" role="group" aria-label="State" data-tone={status}>
      <h2 className="visually-hidden">State</h2>
      <p className="status" part="status">
        <span className="word">{wordOf(status)}</span>
        {retryAt !== undefined && (
          <>
            {' in '}
            <Countdown key={retryAt} until={retryAt} />
          </>
        )}
      </p>
      <dl part="facts">
        <Fact name="Why" width="whole">
          {why}
        </Fact>
        <Fact name="Cause" width="long">
          {cause ?? 'none'}
        </Fact>
        <Fact name="Status">{status}</Fact>
        <Fact name="Attempt">{attempt === 0 ? 'first' : `retry ${String(attempt)}`}</Fact>
        <Fact name="Close code">{closeCode ?? 'none'}</Fact>
        <Fact name="Socket">{generation === 0 ? 'none yet' : `number ${String(generation)}`}</Fact>
        <Fact name="Core">{engine === undefined ? 'not loaded' : ENGINES[engine]}</Fact>
      </dl>
      <Announcer state={state} />
    </div>
  )
}

interface FactProps {
  name: string
  /** A line of its own: always, or where there is little room. */
  width?: 'whole' | 'long' | ''
  children: ReactNode
}

function Fact({ name, width = '', children }: FactProps): ReactNode {
  return (
    <div className={`fact ${width}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Seconds until `until`, which is in milliseconds since 1970. */
function Countdown({ until }: { until: number }): ReactNode {
  const [at, setAt] = useState(now)
  useEffect(() => {
    const timer = setInterval(() => setAt(now()), 100)
    return () => clearInterval(timer)
  }, [])
  return <span className="countdown">{seconds(until - at)}</span>
}

/** Tells screen readers each change once; the countdown would be read out ten times a second. */
function Announcer({ state }: { state: ConnectionState }): ReactNode {
  return (
    <p className="visually-hidden" role="status">
      <Announcement key={state.retryAt ?? state.status} state={state} />
    </p>
  )
}

function Announcement({ state: { status, retryAt, why } }: { state: ConnectionState }): ReactNode {
  const [from] = useState(now)
  if (retryAt === undefined) return wordOf(status)
  const left = Math.max(1, Math.round((retryAt - from) / 1000))
  return `${wordOf(status)} in ${String(left)} ${left === 1 ? 'second' : 'seconds'}: ${why}`
}
