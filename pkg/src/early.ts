import type { Core, Outgoing } from './core.js'
import { EverwireError, type ProblemCode } from './error.js'
import { onAbort } from './promises.js'
import { startTimer, steadyNow, stopTimer, type Timer } from './time.js'

/** Messages that are sent before a core can take them, kept as it would: within their bound, their time, their signals. */
export class EarlyMessages {
  readonly #limit: number
  /** With what ends their waiting here, and since when they wait. */
  readonly #kept = new Map<Outgoing, { readonly since: number; readonly end: () => void }>()

  /** @param limit how many may wait */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#kept.size
  }

  /** @returns why the message is refused, if it is */
  keep(message: Outgoing): EverwireError | undefined {
    const { delivery, timeoutMs, ttlMs, signal } = message
    if (this.size >= this.#limit) {
      return new EverwireError('outbox-full', `maxQueuedMessages is ${String(this.#limit)}`)
    }
    const drop = (reason: unknown): void => {
      this.#take(message)
      delivery.drop(reason)
    }
    if (signal?.aborted) {
      drop(signal.reason)
      return undefined
    }
    const dropAfter = (ms: number | undefined, code: ProblemCode, text: string): Timer =>
      // A browser takes no longer time for a timer.
      ms !== undefined && ms < 2 ** 31 ? startTimer(() => drop(new EverwireError(code, text)), ms) : undefined
    const ignore = onAbort(signal, () => drop(signal?.reason))
    const timedOut = dropAfter(timeoutMs, 'timed-out', 'it was not sent within timeoutMs, and will not be')
    const expired = dropAfter(ttlMs, 'expired', 'it waited longer than ttlMs, and will not be sent')
    const end = (): void => {
      ignore()
      stopTimer(timedOut)
      stopTimer(expired)
    }
    this.#kept.set(message, { since: steadyNow(), end })
    return undefined
  }

  /** Hands over all of them in order, those that come meanwhile last, each with what is left of its time. */
  handTo(core: Core): void {
    for (const [message, { since }] of this.#kept) {
      this.#take(message)
      const left = (ms: number | undefined): number | undefined =>
        ms === undefined ? ms : Math.max(0, Math.ceil(ms - (steadyNow() - since)))
      core.send({ ...message, timeoutMs: left(message.timeoutMs), ttlMs: left(message.ttlMs) })
    }
  }

  /** None of them will be sent, because of this. */
  drop(code: ProblemCode, text: string): void {
    for (const message of [...this.#kept.keys()]) {
      this.#take(message)
      message.delivery.drop(new EverwireError(code, text))
    }
  }

  #take(message: Outgoing): void {
    this.#kept.get(message)?.end()
    this.#kept.delete(message)
  }
}
