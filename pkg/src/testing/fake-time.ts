import type { TestedClient, Time, Timer } from '../time.js'
import { pause, realNow, turn } from './real-time.js'

/** How long the time is held for one token that an app fetches, in real milliseconds. */
const TOKEN_PATIENCE_MS = 1000

interface Waiting {
  readonly due: number
  readonly then: () => void
}

/** What a fake time is to know of those who live in it. */
export interface Inhabitants {
  /** Is told of every client that is opened, and where. */
  readonly opening: Time['opening']
  /** Whether the core of a client is being loaded. */
  isLoading(): boolean
  /** Calls what has fallen due; what React renders because of it has been rendered then. */
  inAct(run: () => void): void
}

/** A time that stands still until a test moves it. It begins with the page's, and never goes back. */
export class FakeTime implements Time {
  #now = Date.now()
  readonly #timers = new Set<Waiting>()
  /** Tokens that are being fetched, and until when in real time they are waited for: known once that has begun. */
  readonly #tokens = new Map<Promise<unknown>, number | undefined>()
  readonly #inhabitants: Inhabitants
  readonly opening: Time['opening']
  readonly performance: Time['performance']

  constructor(inhabitants: Inhabitants) {
    this.#inhabitants = inhabitants
    this.opening = inhabitants.opening
    // Whole milliseconds, as its timers are.
    const began = Math.ceil(performance.now()) - this.#now
    this.performance = { now: () => began + this.#now }
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

  readonly awaiting = (token: Promise<unknown>): void => {
    this.#tokens.set(token, undefined)
    const end = (): unknown => this.#tokens.delete(token)
    token.then(end, end)
  }

  /**
   * Whether the time has to wait for something real: a core, which always comes or fails, or a token, for so long
   * as a real server may need. A token that takes longer, as one that never comes, is not waited for again.
   */
  get isHeld(): boolean {
    if (this.#inhabitants.isLoading()) return true
    const now = realNow()
    for (const [token, until = now + TOKEN_PATIENCE_MS] of this.#tokens) {
      if (now < until) this.#tokens.set(token, until)
      else this.#tokens.delete(token)
    }
    return this.#tokens.size > 0
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
    // Whoever waited beside may have gone further.
    this.#now = Math.max(this.#now, end)
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

  /** Settles when promises have settled and React has rendered, and nothing holds the time any more. */
  async settle(): Promise<void> {
    await turn()
    while (this.isHeld) await pause()
    // React renders in a turn of its own, and effects may bring about more.
    await turn()
    await turn()
  }

  #run(timer: Waiting): void {
    this.#timers.delete(timer)
    this.#now = Math.max(this.#now, timer.due)
    this.#inhabitants.inAct(timer.then)
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
