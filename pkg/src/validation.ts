import type { Host } from './core.js'
import { textOf } from './error.js'

/**
 * What zod, valibot, arktype and others agree on: https://standardschema.dev. Only the part that is needed
 * here.
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** What a schema says about a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] }

/** Gives messages to the app, through its schema if it has one, in the order in which they came. */
export class Validation {
  readonly #schema: StandardSchema | undefined
  readonly #host: Host
  /** The last message that a schema takes its time for; all after it wait. */
  #last: Promise<void> | undefined
  /** How often {@link forget} was called. */
  #forgotten = 0

  constructor(schema: StandardSchema | undefined, host: Host) {
    this.#schema = schema
    this.#host = host
  }

  tell(message: unknown, id: string | undefined): void {
    if (!this.#schema) return this.#host.tellMessage(message, id)
    const result = this.#validate(message)
    if (!this.#last && !(result instanceof Promise)) return this.#finish(result, message, id)
    const forgotten = this.#forgotten
    const last = Promise.all([result, this.#last]).then(([result]) => {
      if (this.#last === last) this.#last = undefined
      if (forgotten === this.#forgotten) this.#finish(result, message, id)
    })
    this.#last = last
  }

  /** The client was closed: messages that its schema still takes its time for come too late. */
  forget(): void {
    this.#forgotten += 1
    this.#last = undefined
  }

  #validate(message: unknown): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
    try {
      const result = this.#schema?.['~standard'].validate(message)
      return result instanceof Promise ? result.then(checked, failed) : checked(result)
    } catch (error) {
      return failed(error)
    }
  }

  #finish(result: SchemaResult<unknown>, message: unknown, id: string | undefined): void {
    if (result.issues) this.#host.tellInvalid(result.issues, message)
    else this.#host.tellMessage(result.value, id)
  }
}

function checked(result: SchemaResult<unknown> | undefined): SchemaResult<unknown> {
  return result ?? failed(new Error('the schema gave no result'))
}

/** A schema that throws has found the message invalid, too. */
function failed(error: unknown): SchemaResult<never> {
  return { issues: [{ message: textOf(error) }] }
}
