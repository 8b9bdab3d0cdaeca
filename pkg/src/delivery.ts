import { deferred } from './promises.js'

/**
 * What became of a message:
 *
 * - `queued`: it waits for a socket, and may still be taken back
 * - `handed-over`: an open socket has it, which does not say that the server does
 * - `acknowledged`: the server has answered it
 * - `unknown`: the socket was lost, or the time was up, before an answer came; nobody can tell
 * - `dropped`: it was not sent and will not be
 */
export type DeliveryState = 'queued' | 'handed-over' | 'acknowledged' | 'unknown' | 'dropped'

/**
 * What `send()` returns: settles with the last of the {@link DeliveryState}s, or rejects with the reason why
 * the message was dropped. Nobody need handle the rejection.
 */
export interface Sent extends Promise<DeliveryState> {
  /** What has become of the message up to now. */
  readonly state: DeliveryState
}

/** Where it is told what becomes of a message. */
export interface Delivery {
  /** A state on the way. */
  reach(state: DeliveryState): void
  /** The last state. */
  end(state: DeliveryState): void
  /** It will not be sent, because of this. */
  drop(reason: unknown): void
}

export function delivery(): Delivery & { readonly sent: Sent } {
  const { promise, resolve, reject } = deferred<DeliveryState>()
  let state: DeliveryState = 'queued'
  const reach = (next: DeliveryState): void => {
    state = next
  }
  return {
    sent: Object.defineProperty(promise, 'state', { get: () => state }) as Sent,
    reach,
    end(last) {
      reach(last)
      resolve(last)
    },
    drop(reason) {
      reach('dropped')
      reject(reason)
    },
  }
}
