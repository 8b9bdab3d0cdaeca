import { useNow } from '../hooks/useNow.js'

/** Seconds until `until`, which is in milliseconds since the epoch. */
export function Countdown({ until }: { until: number }) {
  const leftMs = Math.max(0, until - useNow(100))
  return (
    <span className="countdown" data-testid="countdown">
      {(leftMs / 1000).toFixed(1)} s
    </span>
  )
}
