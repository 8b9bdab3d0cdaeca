import type { Outgoing } from './core.js'
import { EverwireError, type ProblemCode } from './error.js'
import { bytesOf } from './frames.js'
import { LONGEST_TIMER_MS } from './machine.js'
import { onAbort } from './promises.js'
import { startTimer, stopTimer } from './time.js'

/** A message that waits for a socket, or for an answer. */
export interface Pending extends Outgoing {
  readonly id: number
  readonly bytes: number
  /** The number that its key has; 0 if it has none. */
  readonly keyNumber: number
  /** By the driver's clock; NaN if it never expires. */
  readonly expiresAt: number
  /** The socket that has it, once one has. */
  generation: number | undefined
  /** Ends what waits for its time or its signal. */
  release: () => void
}

/** Messages that are not settled, by their numbers and by the ids of their answers. */
export class Pendings {
  readonly #byId = new Map<number, Pending>()
  readonly #byReply = new Map<string, Pending>()
  /** Takes a message back from the machine. */
  readonly #takeBack: (id: number) => void
  #last = 0

  constructor(takeBack: (id: number) => void) {
    this.#takeBack = takeBack
  }

  add(message: Outgoing, now: number): Pending {
    const { key, replyId, timeoutMs, signal } = message
    const id = ++this.#last
    const pending: Pending = {
      ...message,
      id,
      bytes: bytesOf(message.text),
      keyNumber: key === undefined ? 0 : (this.#waitingWith(key)?.keyNumber ?? id),
      expiresAt: now + (message.ttlMs ?? NaN),
      generation: undefined,
      release: () => undefined,
    }
    this.#byId.set(id, pending)
    if (replyId !== undefined) this.#byReply.set(replyId, pending)
    if (timeoutMs !== undefined) {
      const wait = Math.min(timeoutMs, LONGEST_TIMER_MS)
      const timer = startTimer(() => this.#end(pending, timedOut()), wait)
      pending.release = () => stopTimer(timer)
    }
    const { release } = pending
    const ignore = onAbort(signal, () => this.#end(pending, signal?.reason))
    pending.release = () => {
      release()
      ignore()
    }
    return pending
  }

  get(id: number): Pending | undefined {
    return this.#byId.get(id)
  }

  /** A socket has it. Settled, unless an answer is waited for. */
  handedOver(pending: Pending): void {
    // Answered before the socket's own send() has returned.
    if (!this.#byId.has(pending.id)) return
    pending.delivery.reach('handed-over')
    if (pending.replyId !== undefined) return
    this.#forget(pending)
    pending.delivery.end('handed-over')
  }

  /** Whether this is the answer to one of them; settles it if so. */
  answer(replyId: string, reply: unknown): boolean {
    const pending = this.#byReply.get(replyId)
    if (!pending) return false
    this.#forget(pending)
    pending.answered?.(reply)
    pending.delivery.end('acknowledged')
    return true
  }

  drop(id: number, error: unknown): void {
    const pending = this.#byId.get(id)
    if (!pending) return
    this.#forget(pending)
    pending.delivery.drop(error)
  }

  /** A socket is gone: what it had and was not answered may have arrived or not. */
  lost(generation: number): void {
    for (const pending of this.#byId.values()) {
      if (pending.generation === generation) this.#unknown(pending)
    }
  }

  dropAll(code: ProblemCode, text: string): void {
    for (const id of [...this.#byId.keys()]) this.drop(id, new EverwireError(code, text))
  }

  #unknown(pending: Pending): void {
    this.#forget(pending)
    pending.delivery.end('unknown')
  }

  /** Its time is up, or the app wants it back. */
  #end(pending: Pending, reason: unknown): void {
    if (pending.generation !== undefined) this.#unknown(pending)
    else {
      this.drop(pending.id, reason)
      this.#takeBack(pending.id)
    }
  }

  #forget(pending: Pending): void {
    pending.release()
    this.#byId.delete(pending.id)
    if (pending.replyId !== undefined) this.#byReply.delete(pending.replyId)
  }

  #waitingWith(key: string): Pending | undefined {
    for (const pending of this.#byId.values()) {
      if (pending.key === key && pending.generation === undefined) return pending
    }
    return undefined
  }
}

/** Names no number: of the app's time, a part may have passed before this core had the message. */
const timedOut = (): EverwireError =>
  new EverwireError('timed-out', 'it was not sent within timeoutMs, and will not be')
