/** A promise that is settled from outside. */
export interface Deferred<T = void> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

/** A new one, {@link quiet}. */
export function deferred<T = void>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise: quiet(promise), ...(settle as unknown as Omit<Deferred<T>, 'promise'>) }
}

/**
 * The same promise, whose rejection nobody need handle: whoever awaits it still gets the error, and the
 * app hears of it in an `error` event, so a bare `client.open()` is no unhandled rejection.
 */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

/** `promise`, but rejected with the signal's reason if that is aborted first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    // The reason is whatever the app aborted with.
    const end = onAbort(signal, () => reject(signal.reason as Error))
    promise.then(resolve, reject).finally(end)
  })
}

/** Calls `then` when the signal is aborted, at once if it is already. @returns ends that */
export function onAbort(signal: AbortSignal | undefined, then: () => void): () => void {
  if (signal?.aborted) then()
  else signal?.addEventListener('abort', then, { once: true })
  return () => signal?.removeEventListener('abort', then)
}
