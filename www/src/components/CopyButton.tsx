import { useEffect, useState } from 'react'

const SAY_MS = 2000

export function CopyButton({ text }: { text: string }) {
  const [said, setSaid] = useState<string>()

  useEffect(() => {
    if (said === undefined) return
    const timer = setTimeout(() => setSaid(undefined), SAY_MS)
    return () => clearTimeout(timer)
  }, [said])

  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('Not allowed'),
    )
  }

  return (
    <button type="button" className="small" onClick={copy}>
      <span aria-live="polite">{said ?? 'Copy'}</span>
    </button>
  )
}
