import { useRef, useState } from 'react'

/** A message that nobody asked for, and when it came. */
export interface Notification {
  readonly key: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly message: unknown
}

const KEPT = 100

/** The last notifications, newest first, and how to add one. */
export function useNotifications(): [
  notifications: readonly Notification[],
  add: (message: unknown) => void,
] {
  const [notifications, setNotifications] = useState<readonly Notification[]>([])
  const count = useRef(0)
  const add = (message: unknown): void => {
    const added = { key: ++count.current, at: Date.now(), message }
    setNotifications((before) => [added, ...before].slice(0, KEPT))
  }
  return [notifications, add]
}
