import { useState } from 'react'
import { beforeNextFrame } from './frame.js'

/** Something that changes as often as it likes, and is shown at most once per frame. */
export interface Painted<T> {
  /** What is shown: the same until it is told that it changed. */
  readonly get: () => T
  /** Calls `changed` whenever something else is shown. @returns ends it */
  readonly subscribe: (changed: () => void) => () => void
  /** Shows at once what has changed. */
  readonly show: () => void
  /** Something has changed. */
  readonly changed: () => void
}

/** @param now what is to be shown now, given what is shown; the same object if nothing has changed */
export function paint<T>(shown: T, now: (shown: T) => T): Painted<T> {
  const listeners = new Set<() => void>()
  const show = (): void => {
    const before = shown
    shown = now(before)
    if (!Object.is(shown, before)) for (const listener of [...listeners]) listener()
  }
  return {
    get: () => shown,
    subscribe(changed) {
      listeners.add(changed)
      return () => {
        listeners.delete(changed)
      }
    },
    show,
    changed: () => beforeNextFrame(show),
  }
}

/**
 * One for each client and action, chosen while rendering: what came for another user, or was of another action, is
 * in no render.
 */
export function usePainted<P>(make: () => P, client: unknown, action: unknown): P {
  const [held, hold] = useState(() => ({ client, action, painted: make() }))
  if (held.client === client && held.action === action) return held.painted
  const painted = make()
  hold({ client, action, painted })
  return painted
}
