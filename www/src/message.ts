// Messages: any JSON value, of which the page knows a few by their shape.

export type Fields = Readonly<Record<string, unknown>>

/** The message's fields, if it is an object. */
export function fieldsOf(message: unknown): Fields | undefined {
  const isObject = typeof message === 'object' && message !== null && !Array.isArray(message)
  return isObject ? (message as Fields) : undefined
}

/** The field, if it is a text with something in it. */
export function textOf(message: unknown, field: string): string | undefined {
  const value = fieldsOf(message)?.[field]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** What a person typed: a JSON value, or why it is none. */
export function parseMessage(text: string): { message: unknown } | { problem: string } {
  try {
    return { message: JSON.parse(text) as unknown }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
