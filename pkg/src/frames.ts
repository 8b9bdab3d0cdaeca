/** What the id of every heartbeat begins with; see PROTOCOL.md. */
export const HEARTBEAT = 'everwire-heartbeat-'

/** A message that is an object: what the protocol's own members can be in. */
export type JsonObject = Record<string, unknown>

/** The protocol's own member of a message; see PROTOCOL.md. */
export interface Control {
  /** Marks a message that may arrive on two sockets, so that it is dispatched once. */
  readonly id?: unknown
  /** How long to wait before the next attempt, in milliseconds, if the connection is lost. */
  readonly retryAfterMs?: unknown
  /** Over how many milliseconds beyond that to spread. */
  readonly spreadMs?: unknown
}

/** What API Gateway itself sends instead of a message. */
export interface GatewayFrame {
  /** Such as `Forbidden` (no route), `Internal server error` (the handler failed), `Endpoint request timed out`. */
  readonly message: string
  readonly connectionId: string
  /** To be looked up in the logs of the API. */
  readonly requestId?: string
  /** In the place of `requestId` where a model refused the message. */
  readonly messageId?: string
}

export function isObject(message: unknown): message is JsonObject {
  return typeof message === 'object' && message !== null && !Array.isArray(message)
}

/** Takes the protocol's own member out of a message. */
export function takeControl(message: JsonObject): Control | undefined {
  const control = message.everwire
  if (!isObject(control)) return undefined
  delete message.everwire
  return control
}

/**
 * Whether API Gateway itself sent this. Its frames have exactly three members, which no app would choose, and
 * nothing else tells them from a message.
 */
export function isGatewayFrame(message: JsonObject): message is JsonObject & GatewayFrame {
  return (
    typeof message.connectionId === 'string' &&
    typeof message.message === 'string' &&
    typeof (message.requestId ?? message.messageId) === 'string' &&
    Object.keys(message).length === 3
  )
}

/** A hint in a close reason: the JSON of the protocol's own member. */
export function hintIn(reason: string): Control | undefined {
  try {
    const hint: unknown = JSON.parse(reason)
    return isObject(hint) ? hint : undefined
  } catch {
    return undefined
  }
}

/** Ids that came lately. */
export class Seen {
  readonly #ids = new Set<unknown>()

  /** Whether this id came before; remembers it. */
  has(id: unknown): boolean {
    if (this.#ids.has(id)) return true
    this.#ids.add(id)
    if (this.#ids.size > 256) {
      for (const oldest of this.#ids) {
        this.#ids.delete(oldest)
        break
      }
    }
    return false
  }
}

/** How many bytes a text has as UTF-8. */
export function bytesOf(text: string): number {
  let bytes = text.length
  for (let place = 0; place < text.length; place += 1) {
    const unit = text.charCodeAt(place)
    // Two bytes, or three; a surrogate pair is two units of two bytes each.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1
  }
  return bytes
}
