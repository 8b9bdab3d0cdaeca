import { matches, written } from './pattern.js'

/** How many messages a failure shows. */
const SHOWN = 20

/** The messages that came. */
export class Inbox {
  readonly #entries: { readonly message: unknown; isTaken: boolean }[] = []

  get messages(): unknown[] {
    return this.#entries.map(({ message }) => message)
  }

  add(message: unknown): void {
    this.#entries.push({ message, isTaken: false })
  }

  /** The oldest that matches and was not taken before. */
  take(pattern: unknown): { readonly message: unknown } | undefined {
    const isWanted = (message: unknown): boolean =>
      typeof pattern === 'function'
        ? Boolean((pattern as (message: unknown) => unknown)(message))
        : matches(message, pattern)
    const entry = this.#entries.find(({ message, isTaken }) => !isTaken && isWanted(message))
    if (entry) entry.isTaken = true
    return entry
  }

  /** A pattern, and what came instead. */
  describe(pattern: unknown): string {
    const { length } = this.#entries
    if (length === 0) return `${written(pattern)}; nothing came at all.`
    const lines = this.#entries
      .slice(-SHOWN)
      .map(
        ({ message, isTaken }) => `\n  ${written(message)}${isTaken ? ' (taken by an earlier expect)' : ''}`,
      )
    const shown = length > SHOWN ? `the last ${SHOWN} of ${length} messages` : 'what came'
    return `${written(pattern)}; ${shown}, the oldest first:${lines.join('')}\n`
  }
}
