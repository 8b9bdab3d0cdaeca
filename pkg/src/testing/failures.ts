/** What functions that the test has given have thrown, where only a client could have heard of it. */
export class Failures {
  #errors: Error[] = []

  add(error: Error): void {
    this.#errors.push(error)
  }

  /** Throws what has come since the last time, if anything. */
  throwThem(): void {
    const [first, ...others] = this.#errors
    this.#errors = []
    if (!first) return
    if (others.length === 0) throw first
    const texts = [first, ...others].map(({ message }) => message)
    throw new AggregateError([first, ...others], [...new Set(texts)].join('\n'))
  }
}
