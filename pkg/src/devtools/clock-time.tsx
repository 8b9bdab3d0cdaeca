import type { ReactNode } from 'react'

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 1,
})

/** The time of day, of milliseconds since 1970. */
export function Clock({ at }: { at: number }): ReactNode {
  return <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time>
}
