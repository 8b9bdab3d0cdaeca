import { useState } from 'react'
import { beforeNextFrame } from './frame.js'

/** Something that changes as often as it likes, and is shown at most once per frame. */
export abstract class Painted<T> {
  #shown: T
  readonly #listeners = new Set<() => void>()

  constructor(initial: T) {
    this.#shown = initial
  }

  /** What is shown: the same until it is told that it changed. */
  readonly get = (): T => this.#shown

  /** Calls `changed` whenever something else is shown. @returns ends it */
  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed)
    return () => {
      this.#listeners.delete(changed)
    }
  }

  /** Forgets everything, at once. */
  readonly clear = (): void => {
    this.forget()
    this.#show()
  }

  /** Something has changed. */
  protected changed(): void {
    beforeNextFrame(this.#show)
  }

  /** Forgets everything that came. */
  protected abstract forget(): void

  /** What is to be shown now; the same object if nothing has changed. */
  protected abstract now(shown: T): T

  readonly #show = (): void => {
    const now = this.now(this.#shown)
    if (Object.is(now, this.#shown)) return
    this.#shown = now
    for (const listener of [...this.#listeners]) listener()
  }
}

/**
 * One for each client and action, chosen while rendering: what came for another user, or was of another action, is
 * in no render.
 */
export function usePainted<P extends Painted<unknown>>(make: () => P, client: unknown, action: unknown): P {
  const [held, hold] = useState(() => ({ client, action, painted: make() }))
  if (held.client === client && held.action === action) return held.painted
  const painted = make()
  hold({ client, action, painted })
  return painted
}
