import type { Status } from 'everwire'
import { useState, type CSSProperties } from 'react'
import './Wire.css'

interface WireProps {
  status: Status
  here: string
  there: string
  /** While waiting: when the next attempt begins, in milliseconds since the epoch. */
  retryAt?: number | undefined
  /** How many messages went each way: each one more is seen to run along the wire. */
  sent?: number
  received?: number
}

/** The connection as a picture: whole, being made, broken and growing together again, or not there. */
export function Wire({ status, here, there, retryAt, sent = 0, received = 0 }: WireProps) {
  return (
    <div className="wire" data-status={status}>
      <div className="wire-line" aria-hidden="true">
        <span className="wire-end" />
        <Strands key={retryAt} retryAt={retryAt} />
        {sent > 0 && <span key={`sent ${sent}`} className="wire-pulse wire-pulse-out" />}
        {received > 0 && <span key={`received ${received}`} className="wire-pulse wire-pulse-in" />}
        <span className="wire-end" />
      </div>
      <p className="wire-names">
        <span>{here}</span>
        <span>{there}</span>
      </p>
    </div>
  )
}

/** The two halves, which take until `retryAt` to grow together. */
function Strands({ retryAt }: { retryAt: number | undefined }) {
  const [from] = useState(Date.now)
  const waitMs = Math.max(0, (retryAt ?? from) - from)
  const style: CSSProperties & Record<'--wait', string> = { '--wait': `${waitMs}ms` }
  return (
    <>
      <span className="wire-strand wire-strand-here" style={style} />
      <span className="wire-strand wire-strand-there" style={style} />
    </>
  )
}
