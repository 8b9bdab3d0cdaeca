// The routes that need nothing but the event.
import { answerTo } from './answer.mjs'

/** `$connect` and `$disconnect`. */
export async function admit() {
  return { statusCode: 200 }
}

/** The two-way route `return`: answers with what it returns. */
export async function respond(event) {
  return { statusCode: 200, body: answerTo(event) }
}

/** The two-way route `identify`: who it is that asks. */
export async function identify(event) {
  return { statusCode: 200, body: JSON.stringify({ connectionId: event.requestContext.connectionId }) }
}
