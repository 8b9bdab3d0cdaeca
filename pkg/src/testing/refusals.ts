import { textOf } from '../error.js'
import type { Failures } from './failures.js'

/** Refused handshakes in one wait, after which nothing else is to be expected where nobody has said how many. */
const MANY = 20

/** How an authorizer that fails is answered for. */
const AUTHORIZER_FAILED = 500

/** A handshake that a client has begun. */
export interface Handshake {
  /** Where to, without the token. */
  readonly url: string
  /** The token in it, if any. */
  readonly token: string | undefined
  /** 101 if it has succeeded, else the status that it was refused with. */
  readonly status: number
}

/** Which handshakes are refused, and how. */
export interface RefuseOptions {
  /** The HTTP status. A browser does not tell it to anybody; `handshakes` shows it to the test. @default 403 */
  status?: number | undefined
  /** How many handshakes. @default all until `accept()` */
  times?: number | undefined
  /** Only those for which this holds, such as `({ token }) => token === 'old'`. @default all */
  when?: ((handshake: Omit<Handshake, 'status'>) => boolean) | undefined
}

interface Present extends Pick<RefuseOptions, 'when'> {
  readonly status: number
  readonly times: number
}

/** Which handshakes a server refuses. */
export class Refusals {
  readonly #failures: Failures
  #present: Present | undefined
  #count = 0

  constructor(failures: Failures) {
    this.#failures = failures
  }

  /** How many there were. */
  get count(): number {
    return this.#count
  }

  begin({ status = 403, times = Infinity, when }: RefuseOptions): void {
    if (!(times > 0))
      throw new Error(`times is ${times}: give how many handshakes to refuse, or leave it out`)
    this.#present = { status, times, when }
  }

  end(): void {
    this.#present = undefined
  }

  /** What this handshake is refused with; `undefined` if it is not. */
  statusFor(handshake: Omit<Handshake, 'status'>): number | undefined {
    const present = this.#present
    if (!present) return undefined
    const { status, times, when } = present
    try {
      if (when && !when(handshake)) return undefined
    } catch (error) {
      this.#count += 1
      const remedy = 'mend it; it gets { url, token }, and the token may be undefined'
      this.#failures.add(
        new Error(`the function given to refuse({ when }) threw ${textOf(error)}: ${remedy}`, {
          cause: error,
        }),
      )
      return AUTHORIZER_FAILED
    }
    this.#count += 1
    this.#present = times > 1 ? { status, times: times - 1, when } : undefined
    return status
  }

  /** Whether it is of no use to wait for another handshake, when so many were refused since the wait began. */
  isHopeless(count: number): boolean {
    if (!this.#present || this.#present.times < Infinity) return false
    return !this.#present.when || count > MANY
  }

  /** What it does now, and how to end that; `undefined` if it refuses none. */
  describe(): string | undefined {
    if (!this.#present) return undefined
    const { times, when } = this.#present
    if (times < Infinity) {
      return `The server refuses ${times} more handshakes: call accept(), or give the wait more time by { waitMs }.`
    }
    if (!when) return 'The server refuses handshakes: call accept().'
    return `The server has refused ${this.#count} handshakes by refuse({ when }): call accept(), or let it be false for one of them.`
  }
}
