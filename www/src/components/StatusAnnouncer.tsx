import type { ConnectionState } from 'everwire'
import { useState } from 'react'
import { connectionWord } from '../connectionWord.js'

/** Tells screen readers each change of the connection once; the countdown would be read out ten times a second. */
export function StatusAnnouncer({ state }: { state: ConnectionState }) {
  return (
    <p className="visually-hidden" role="status">
      <Announcement key={state.retryAt ?? state.status} state={state} />
    </p>
  )
}

function Announcement({ state: { status, retryAt, why } }: { state: ConnectionState }) {
  const [from] = useState(Date.now)
  if (retryAt === undefined) return connectionWord(status)
  const seconds = Math.max(1, Math.round((retryAt - from) / 1000))
  return `${connectionWord(status)} in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}: ${why}`
}
