import type { WebSocketConstructor } from './options.js'

/** What happens to a socket. */
export interface SocketListener {
  opened(): void
  received(data: unknown): void
  closed(code: number, reason: string): void
}

/** One browser `WebSocket`, and what the driver knows of it. */
export class Socket {
  /** When the last frame came, by the driver's clock, if the machine has not been told. */
  untoldAt: number | undefined
  /** The heartbeat that has no answer yet. */
  heartbeat: { readonly id: string; readonly at: number } | undefined
  /** Whether the heartbeat was the last that was sent: an error frame is about it, then. */
  heartbeatWasLast = false
  hasOpened = false
  readonly #socket: Handled

  /** Fails with the browser's own exception. */
  constructor(
    Constructor: WebSocketConstructor,
    url: string,
    readonly token: string | undefined,
  ) {
    this.#socket = new Constructor(url) as Handled
  }

  listen(listener: SocketListener): void {
    const socket = this.#socket
    socket.onopen = () => listener.opened()
    socket.onmessage = ({ data }) => listener.received(data)
    socket.onclose = ({ code, reason }) => listener.closed(code, reason)
    // Browsers tell nothing in it, and `close` always follows. But in Node an 'error' of the package ws that
    // nobody listens to ends the process.
    socket.onerror = () => undefined
  }

  /** `false` if it is closing, where a browser would take the text and lose it without a word. */
  send(text: string): boolean {
    try {
      if (this.#socket.readyState !== 1) return false
      this.#socket.send(text)
      return true
    } catch {
      return false
    }
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount ?? 0
  }

  /** Stops listening, then closes. Nothing more is heard of it. */
  close(code: number): void {
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null
    try {
      this.#socket.close(code)
    } catch {
      // Nobody listens to it any more, so nothing is lost.
    }
  }
}

type Handled = InstanceType<WebSocketConstructor> &
  Pick<WebSocket, 'onopen' | 'onmessage' | 'onclose' | 'onerror'>
