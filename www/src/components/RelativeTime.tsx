const words = new Intl.RelativeTimeFormat('en', { style: 'narrow' })

/** How long ago it was; both in milliseconds since the epoch. */
export function RelativeTime({ at, now }: { at: number; now: number }) {
  return <time dateTime={new Date(at).toISOString()}>{tellAge((now - at) / 1000)}</time>
}

function tellAge(seconds: number): string {
  if (seconds < 5) return 'just now'
  if (seconds < 60) return words.format(-Math.floor(seconds), 'second')
  if (seconds < 3600) return words.format(-Math.floor(seconds / 60), 'minute')
  return words.format(-Math.floor(seconds / 3600), 'hour')
}
