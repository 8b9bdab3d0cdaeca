import type { WSClient } from '../client.js'
import type { Sent } from '../delivery.js'
import { EverwireError, nameOf } from '../error.js'
import {
  WEBSOCKET_EVENT,
  type GapEvent,
  type InvalidEvent,
  type OutgoingEvent,
  type ProblemEvent,
  type StateChangeEvent,
  type WSEvent,
} from '../events.js'
import type { Transition } from '../explanation.js'
import { paint } from '../hooks/painted.js'
import type { Cause, Status } from '../state.js'
import { now } from '../time.js'

/** How many messages, and how many things that happened, are kept: the latest. */
export const KEPT = 200

/** One thing that happened to a connection. */
export interface Happening {
  readonly key: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly tone: Status | 'problem' | 'gap'
  readonly what: string
  readonly why: string
  /** The cause or the problem's code, as a program sees it. */
  readonly code: string | undefined
}

/** One message, in or out. */
export interface Recorded {
  readonly key: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly direction: 'in' | 'out'
  readonly message: unknown
  /** What becomes of one that goes out. */
  readonly sent: Sent | undefined
  /** Why it was dropped, or what the schema says against it. */
  readonly problem: string | undefined
}

/** What a recorder has, oldest first; another object after each change. */
export interface Recording {
  readonly happenings: readonly Happening[]
  readonly messages: readonly Recorded[]
  /** How many older ones are not kept any more. */
  readonly droppedHappenings: number
  readonly droppedMessages: number
  /** How many messages passed while the recording was paused. */
  readonly passed: number
  readonly isPaused: boolean
}

/** The latest {@link KEPT} of something, and how many were dropped. */
class Latest<T> {
  #all: T[] = []
  dropped = 0

  add(one: T): void {
    this.#all.push(one)
    // Not at each, since what is behind the oldest has to move up.
    if (this.#all.length >= 2 * KEPT) this.#drop()
  }

  get newest(): T | undefined {
    return this.#all.at(-1)
  }

  get kept(): readonly T[] {
    this.#drop()
    return [...this.#all]
  }

  replace(one: T, by: T): void {
    const place = this.#all.lastIndexOf(one)
    if (place >= 0) this.#all[place] = by
  }

  #drop(): void {
    this.dropped += this.#all.splice(0, Math.max(0, this.#all.length - KEPT)).length
  }
}

const recorders = new WeakMap<WSClient, Recorder>()

/** The recorder of a client: one for all panels that show it. */
export function recorderOf(client: WSClient): Recorder {
  const known = recorders.get(client)
  if (known) return known
  const made = new Recorder(client)
  recorders.set(client, made)
  return made
}

/** Writes down what a client does, while somebody wants it. It only listens. */
export class Recorder {
  readonly #client: WSClient
  #users = 0
  #listening: AbortController | undefined
  #happenings = new Latest<Happening>()
  #messages = new Latest<Recorded>()
  #isPaused = false
  #passed = 0
  #last = 0
  readonly #painted = paint(this.#recording(), () => this.#recording())
  readonly #changed = this.#painted.changed
  /** What is recorded, for React's `useSyncExternalStore`, which is told once per frame at most. */
  readonly get = this.#painted.get
  readonly subscribe = this.#painted.subscribe

  constructor(client: WSClient) {
    this.#client = client
  }

  /**
   * Records until the result is called. When nobody records any more, what was recorded is forgotten; what the
   * client explains of the time before is there from the start.
   */
  readonly record = (): (() => void) => {
    this.#users += 1
    if (this.#users === 1) this.#start()
    return () => {
      this.#users -= 1
      if (this.#users === 0) this.#stop()
    }
  }

  /** Whether messages are passed over from now on, and only counted. */
  readonly pause = (isPaused: boolean): void => {
    this.#isPaused = isPaused
    if (!isPaused) this.#passed = 0
    this.#changed()
  }

  /** Forgets the messages. What happened to the connection stays. */
  readonly clear = (): void => {
    this.#messages = new Latest()
    this.#passed = 0
    this.#painted.show()
  }

  #recording(): Recording {
    const [happenings, messages] = [this.#happenings, this.#messages]
    return {
      happenings: happenings.kept,
      messages: messages.kept,
      droppedHappenings: happenings.dropped,
      droppedMessages: messages.dropped,
      passed: this.#passed,
      isPaused: this.#isPaused,
    }
  }

  #start(): void {
    for (const transition of this.#client.explain()?.transitions ?? []) this.#happen(toldBefore(transition))
    const listening = new AbortController()
    this.#listening = listening
    const options = { signal: listening.signal }
    const client = this.#client
    client.addEventListener('statechange', this.#changeState, options)
    client.addEventListener('error', this.#tellProblem, options)
    client.addEventListener('gap', this.#tellGap, options)
    client.addEventListener(WEBSOCKET_EVENT, this.#receive, options)
    client.addEventListener('invalid', this.#receiveInvalid, options)
    client.addEventListener('outgoing', this.#send, options)
    this.#changed()
  }

  #stop(): void {
    this.#listening?.abort()
    this.#happenings = new Latest()
    this.#isPaused = false
    this.clear()
  }

  readonly #changeState = ({ state }: StateChangeEvent): void => {
    const { status, cause, why, closeCode, retryAt, attempt } = state
    const at = now()
    // A problem that was told just before is not told twice.
    const isTold = this.#happenings.newest?.tone === 'problem' && this.#happenings.newest.why === why
    const wait = retryAt === undefined ? '' : `retry ${String(attempt)} in ${seconds(retryAt - at)}`
    const code =
      closeCode === undefined || cause !== 'socket-closed' ? cause : `${cause} ${String(closeCode)}`
    this.#happen({ at, tone: status, what: wait || whatOf(status, cause), why: isTold ? '' : why, code })
  }

  readonly #tellProblem = ({ error }: ProblemEvent): void => {
    this.#happen({ at: now(), tone: 'problem', what: 'problem', why: error.message, code: error.code })
  }

  readonly #tellGap = ({ ms }: GapEvent): void => {
    const why = 'what the server sent meanwhile may be missing'
    this.#happen({ at: now(), tone: 'gap', what: `a gap of ${seconds(ms)}`, why, code: 'gap' })
  }

  readonly #receive = ({ message }: WSEvent): void => {
    this.#write({ direction: 'in', message, sent: undefined, problem: undefined })
  }

  readonly #receiveInvalid = ({ data, issues }: InvalidEvent): void => {
    const problem = issues.map((issue) => issue.message).join('; ') || 'not as the schema says'
    this.#write({ direction: 'in', message: data, sent: undefined, problem })
  }

  readonly #send = ({ message, sent }: OutgoingEvent): void => {
    const recorded = this.#write({ direction: 'out', message, sent, problem: undefined })
    if (!recorded) return
    const drop = (reason: unknown): void => {
      const problem = reason instanceof EverwireError ? reason.message : nameOf(reason)
      this.#messages.replace(recorded, { ...recorded, problem })
      this.#changed()
    }
    sent.then(() => this.#changed(), drop)
  }

  #happen(happening: Omit<Happening, 'key'>): void {
    this.#happenings.add({ ...happening, key: ++this.#last })
    this.#changed()
  }

  #write(message: Omit<Recorded, 'key' | 'at'>): Recorded | undefined {
    this.#changed()
    if (this.#isPaused) {
      this.#passed += 1
      return undefined
    }
    const recorded = { ...message, key: ++this.#last, at: now() }
    this.#messages.add(recorded)
    return recorded
  }
}

/** A transition from before the recording: what a state says beside it is not known any more. */
function toldBefore({ at, to, cause, why }: Transition): Omit<Happening, 'key'> {
  return { at, tone: to, what: whatOf(to, cause), why, code: cause }
}

function whatOf(status: Status, cause: Cause | undefined): string {
  switch (status) {
    case 'fetching-token':
      return 'asks for a token'
    case 'connecting':
      return 'opens a socket'
    case 'open':
      if (cause === 'handed-over') return 'new socket, no gap'
      return cause === 'stable' ? 'stable' : 'connected'
    case 'waiting':
      return 'waits for a retry'
    case 'suspended':
      return 'suspended'
    case 'closed':
      return 'disconnected'
  }
}

/** Milliseconds as people read them. */
export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)} s`
}
