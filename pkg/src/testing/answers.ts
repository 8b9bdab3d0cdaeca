import { textOf as nameAndText } from '../error.js'
import { isObject } from '../frames.js'
import { checkSize, textOf } from './connection.js'
import type { Failures } from './failures.js'

/** An answer, or what makes it of the message. */
export type AnyAnswer = object | undefined | ((message: object) => unknown)

/** What API Gateway says where a handler has failed. */
const HANDLER_FAILED = 'Internal server error'

/** What stands in for the handlers of an API. */
export class Answers {
  readonly #idField: string
  readonly #failures: Failures
  readonly #answers = new Map<unknown, { readonly answer: AnyAnswer } | { readonly failure: string }>()

  constructor(idField: string, failures: Failures) {
    this.#idField = idField
    this.#failures = failures
  }

  set(action: string, answer: AnyAnswer): void {
    this.#answers.set(action, { answer })
  }

  fail(action: string, failure = HANDLER_FAILED): void {
    this.#answers.set(action, { failure })
  }

  /** The frame that is sent for a message, if one is. */
  async frameFor(message: Record<string, unknown>, action: unknown): Promise<string | undefined> {
    const handler = this.#answers.get(action)
    if (!handler) return undefined
    if ('failure' in handler) return errorFrame(handler.failure)
    const { [this.#idField]: id } = message
    // Nobody waits for an answer.
    if (typeof id !== 'string') return undefined
    try {
      const text = textOf({ ...(await answerOf(handler.answer, message, action)), [this.#idField]: id })
      checkSize(`the answer to ${String(action)}`, text)
      return text
    } catch (error) {
      this.#failures.add(error as Error)
      return errorFrame(HANDLER_FAILED)
    }
  }
}

async function answerOf(answer: AnyAnswer, message: object, action: unknown): Promise<object | undefined> {
  const name = `'${String(action)}'`
  let made: unknown = answer
  try {
    if (typeof answer === 'function') made = await answer(message)
  } catch (error) {
    const text = `the function given to answer(${name}) threw ${nameAndText(error)}: mend it, or, for a handler that is to fail, call fail(${name})`
    throw new Error(text, { cause: error })
  }
  if (made === undefined || made === null || isObject(made)) return made ?? undefined
  throw new Error(
    `what was given to answer(${name}) is no object: give one, since the id of the request goes in it`,
  )
}

/** As API Gateway sends it in the place of an answer. */
function errorFrame(message: string): string {
  return textOf({ message, connectionId: 'fake=', requestId: 'fake=' })
}
