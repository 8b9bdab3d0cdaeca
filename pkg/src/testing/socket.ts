// Of this realm at this time, as the client's own events are: jsdom's take no others.
const { Event, EventTarget } = globalThis

/** The other end of a socket. */
export interface Peer {
  /** A frame has come. */
  receives(data: unknown): void
  /** The client closes. @returns whether that gets through, so that the close is answered */
  closes(code: number, reason: string): boolean
}

type Handler = ((event: Event) => void) | null

/** The client's end: what it sees of a browser's `WebSocket`. */
export class FakeSocket extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSING = 2
  readonly CLOSED = 3

  readonly url: string
  readonly protocol = ''
  readonly extensions = ''
  /** What is sent is there at once. */
  readonly bufferedAmount = 0
  binaryType = 'blob'
  onopen: Handler = null
  onmessage: Handler = null
  onerror: Handler = null
  onclose: Handler = null
  #readyState = 0
  readonly #peer: Peer

  constructor(url: string, peer: Peer) {
    super()
    this.url = url
    this.#peer = peer
  }

  get readyState(): number {
    return this.#readyState
  }

  send(data: unknown): void {
    if (this.#readyState === 0) {
      throw new DOMException('Still in CONNECTING state: wait for the event open', 'InvalidStateError')
    }
    if (this.#readyState === 1) this.#peer.receives(data)
  }

  close(code?: number, reason = ''): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException('The close code must be 1000, or from 3000 to 4999', 'InvalidAccessError')
    }
    if (this.#readyState >= 2) return
    const isOpen = this.#readyState === 1
    this.#readyState = 2
    if (!this.#peer.closes(code ?? 1005, reason)) return
    void Promise.resolve().then(() => this.end(isOpen ? (code ?? 1005) : 1006, isOpen ? reason : ''))
  }

  // What the network does -----------------------------------------------------------------------------

  /** The handshake has succeeded. */
  open(): void {
    this.#readyState = 1
    this.#fire('open', {})
  }

  /** A frame arrives. */
  bring(data: string): void {
    if (this.#readyState === 1) this.#fire('message', { data, origin: new URL(this.url).origin })
  }

  /** It is over. 1006: without a close frame, or before it was open. */
  end(code: number, reason: string): void {
    if (this.#readyState === 3) return
    const neverOpened = this.#readyState === 0
    this.#readyState = 3
    if (neverOpened) this.#fire('error', {})
    this.#fire('close', { code, reason, wasClean: code !== 1006 })
  }

  #fire(type: 'open' | 'message' | 'error' | 'close', members: object): void {
    // Node before 23 has no CloseEvent.
    const event = Object.assign(new Event(type), members)
    this[`on${type}`]?.(event)
    this.dispatchEvent(event)
  }
}
