import type { TestedClient, Time, Timer } from '../time.js'
import { inAct } from './act.js'
import { pause, realNow, turn } from './real-time.js'

/** How long the time is held for a token that an app fetches, in real milliseconds. */
const TOKEN_PATIENCE_MS = 100

interface Waiting {
  readonly due: number
  readonly then: () => void
}

/** A time that stands still until a test moves it. */
export class FakeTime implements Time {
  #now = Date.now()
  readonly #timers = new Set<Waiting>()
  readonly #awaited = new Set<Promise<unknown>>()
  readonly opening: Time['opening']

  /** @param opening is told of every client that begins to connect, and where */
  constructor(opening: Time['opening']) {
    this.opening = opening
  }

  readonly now = (): number => this.#now

  readonly setTimeout = (then: () => void, ms: number): Timer => {
    const timer = { due: this.#now + Math.max(ms, 0), then }
    this.#timers.add(timer)
    // What is due at once needs nobody to move the time.
    if (ms <= 0) void turn().then(this.runDue)
    return timer
  }

  /** One of another time, too: a client may have begun in that. */
  readonly clearTimeout = (timer: Timer): void => {
    if (!this.#timers.delete(timer as Waiting)) clearTimeout(timer as number)
  }

  readonly awaiting = (promise: Promise<unknown>): void => {
    this.#awaited.add(promise)
    const end = (): unknown => this.#awaited.delete(promise)
    promise.then(end, end)
  }

  /** Runs what is due now. */
  readonly runDue = (): void => {
    for (let next = this.#next(); next && next.due <= this.#now; next = this.#next()) this.#run(next)
  }

  /** Lets the time pass; what falls due runs in order, and what it brings about has happened before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.settle()
    while ((this.#next()?.due ?? Infinity) <= end) await this.runNext()
    this.#now = end
    await this.settle()
  }

  /** Lets the time pass until the next timer, and runs that. @returns `false` if there is none */
  async runNext(): Promise<boolean> {
    const next = this.#next()
    if (!next) return false
    this.#run(next)
    await this.settle()
    return true
  }

  /** Settles when promises have settled and React has rendered; does not wait long for what an app fetches. */
  async settle(): Promise<void> {
    await turn()
    const late = realNow() + TOKEN_PATIENCE_MS
    while (this.#awaited.size > 0 && realNow() < late) await pause()
    // React renders in a turn of its own, and effects may bring about more.
    await turn()
    await turn()
  }

  #run(timer: Waiting): void {
    this.#timers.delete(timer)
    this.#now = Math.max(this.#now, timer.due)
    inAct(timer.then)
  }

  #next(): Waiting | undefined {
    let next: Waiting | undefined
    for (const timer of this.#timers) if (!next || timer.due < next.due) next = timer
    return next
  }
}

/** Whether a client's core is being loaded: that is over in its own time. */
export function isLoading(client: TestedClient): boolean {
  return client.engine === undefined && client.state.status === 'fetching-token'
}
