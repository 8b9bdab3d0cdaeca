/**
 * One direction of a connection: what one end sends, on its way to the other.
 *
 * It reads at all times, also while it lets nothing through, so that it notices when somebody hangs up. What comes
 * meanwhile is kept, as TCP keeps it: a network that is mended delivers it late.
 */
export class Lane {
  /** How long each piece takes from now on, in milliseconds. */
  delayMs = 0
  /** Whether nothing is let through. */
  isHeld = false
  #to
  /** Pieces on their way, each with when it is due; `null` is the end of the stream. */
  #pieces = []
  #timer
  #bytesLeft = Infinity
  #whenUsedUp
  #passed
  /** Settles when the first piece has been passed on. */
  passedFirst = new Promise((resolve) => (this.#passed = resolve))

  constructor(from, to) {
    this.#to = to
    from.on('data', (bytes) => this.#take(bytes))
    from.on('end', () => this.#take(null))
  }

  #take(bytes) {
    this.#pieces.push({ bytes, dueAt: Date.now() + this.delayMs })
    this.#pass()
  }

  /** Passes on what is due. In order: a piece that was delayed holds up those behind it. */
  #pass() {
    clearTimeout(this.#timer)
    while (!this.isHeld && this.#pieces.length > 0) {
      const waitMs = this.#pieces[0].dueAt - Date.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pass(), waitMs)
        return
      }
      this.#write(this.#pieces.shift().bytes)
    }
  }

  #write(bytes) {
    if (!this.#to.writable) return
    if (bytes === null) return this.#to.end()
    const part = bytes.subarray(0, this.#bytesLeft)
    this.#bytesLeft -= part.length
    const isLast = this.#bytesLeft === 0
    this.#to.write(part, () => (isLast ? this.#whenUsedUp() : this.#passed()))
  }

  /** Lets nothing through until `heal()`. */
  hold() {
    this.isHeld = true
  }

  /** Calls `then` when so many more bytes were let through; further ones are not. */
  limit(bytes, then) {
    this.#bytesLeft = bytes
    this.#whenUsedUp = then
  }

  /** Lets everything through again, at once. */
  heal() {
    this.isHeld = false
    this.delayMs = 0
    this.#bytesLeft = Infinity
    for (const piece of this.#pieces) piece.dueAt = 0
    this.#pass()
  }

  /** Ends the stream towards the receiver, whatever still comes from the sender. */
  end() {
    if (this.#to.writable) this.#to.end()
  }

  /** The sender has gone without a word: the receiver hears of it when it is its turn. */
  finish() {
    this.#take(null)
  }

  /** Forgets what is on its way. */
  stop() {
    clearTimeout(this.#timer)
    this.#pieces = []
    this.isHeld = true
  }
}
