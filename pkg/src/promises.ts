/** A promise that is settled from outside. */
export interface Deferred {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** A new one, {@link quiet}. */
export function deferred(): Deferred {
  let settle: Omit<Deferred, 'promise'> | undefined
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise: quiet(promise), ...(settle as unknown as Omit<Deferred, 'promise'>) }
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
    const abort = (): void => {
      // The reason is whatever the app aborted with.
      reject(signal.reason as Error)
    }
    if (signal.aborted) {
      abort()
      return
    }
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort)
    })
  })
}
