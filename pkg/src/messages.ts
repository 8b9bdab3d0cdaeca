import { EverwireError } from './error.js'
import { WEBSOCKET_EVENT, type StateChangeEvent, type WSEvent } from './events.js'
import { checkChoice, checkNumber } from './options.js'
import { onAbort } from './promises.js'

const END = { done: true, value: undefined } as const

/** What `client.messages()` takes. */
export interface MessagesOptions {
  /** How many messages may wait to be taken. @default 1024 */
  limit?: number | undefined
  /** What one message more does: the oldest is dropped and counted, or the loop throws. @default 'drop-oldest' */
  overflow?: 'drop-oldest' | 'error' | undefined
  /** Ends the loop. */
  signal?: AbortSignal | undefined
}

/** The messages of a client, for `for await`: from the moment when it is made. */
export class MessageQueue<T> implements AsyncIterableIterator<T> {
  /** Messages that were dropped because nobody took them in time. */
  dropped = 0
  readonly #source: EventTarget
  readonly #limit: number
  readonly #overflow: MessagesOptions['overflow']
  readonly #waiting: T[] = []
  readonly #takers: ((result: IteratorResult<T>) => void)[] = []
  readonly #ignoreSignal: (() => void) | undefined
  #error: EverwireError | undefined
  #isOver = false

  constructor(source: EventTarget, { limit = 1024, overflow = 'drop-oldest', signal }: MessagesOptions) {
    checkNumber('limit', limit, 1, 1_073_741_824)
    checkChoice('overflow', overflow, ['drop-oldest', 'error'])
    this.#source = source
    this.#limit = limit
    this.#overflow = overflow
    source.addEventListener(WEBSOCKET_EVENT, this.#take as EventListener)
    source.addEventListener('statechange', this.#look as EventListener)
    this.#ignoreSignal = onAbort(signal, () => this.#end())
  }

  /** Itself, for `for await`. */
  [Symbol.asyncIterator](): this {
    return this
  }

  /** Takes the oldest message that waits, or waits for one. @throws EverwireError `inbox-full`, once, with `overflow: 'error'` */
  async next(): Promise<IteratorResult<T>> {
    if (this.#waiting.length > 0) return { done: false, value: this.#waiting.shift() as T }
    const error = this.#error
    this.#error = undefined
    if (error) throw error
    if (this.#isOver) return END
    return new Promise((resolve) => this.#takers.push(resolve))
  }

  /** Ends it: `for await` calls this on `break`. Messages that wait are forgotten. */
  return(): Promise<IteratorResult<T>> {
    this.#waiting.length = 0
    this.#end()
    return Promise.resolve(END)
  }

  readonly #take = ({ message: value }: WSEvent<T>): void => {
    const taker = this.#takers.shift()
    if (taker) {
      taker({ done: false, value })
    } else if (this.#waiting.length < this.#limit) {
      this.#waiting.push(value)
    } else if (this.#overflow === 'error') {
      this.#error = new EverwireError(
        'inbox-full',
        `more than ${String(this.#limit)} messages wait to be taken`,
      )
      this.#end()
    } else {
      this.#waiting.shift()
      this.#waiting.push(value)
      this.dropped += 1
    }
  }

  // Not what the client's state is now: a listener may have opened it again.
  readonly #look = ({ state }: StateChangeEvent): void => {
    if (state.status === 'closed') this.#end()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#ignoreSignal?.()
    this.#source.removeEventListener(WEBSOCKET_EVENT, this.#take as EventListener)
    this.#source.removeEventListener('statechange', this.#look as EventListener)
    for (const taker of this.#takers.splice(0)) taker(END)
  }
}
