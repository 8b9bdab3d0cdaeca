/** Something that matches by itself, as `expect.any(Number)` of Vitest and Jest does. */
interface Matcher {
  asymmetricMatch(value: unknown): boolean
  toAsymmetricMatcher?(): string
}

/** Some members of `T`, at any depth; arrays whole. */
export type Partly<T> = T extends readonly (infer Item)[]
  ? readonly Partly<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]?: Partly<T[Name]> | Matcher }
    : T

/** Whether `value` has everything that `pattern` has. */
export function matches(value: unknown, pattern: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return Object.is(value, pattern)
  if (isMatcher(pattern)) return pattern.asymmetricMatch(value)
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(pattern) !== Array.isArray(value)) return false
  if (Array.isArray(pattern) && pattern.length !== (value as unknown[]).length) return false
  const members = value as Record<string, unknown>
  return Object.entries(pattern).every(([name, wanted]) => matches(members[name], wanted))
}

function isMatcher(pattern: object): pattern is Matcher {
  return typeof (pattern as Partial<Matcher>).asymmetricMatch === 'function'
}

/** A message or a pattern in one line that is not too long. */
export function written(value: unknown): string {
  const text = typeof value === 'function' ? String(value) : toJson(value)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

/** With matchers as they name themselves: `Any<Number>`. */
function toJson(value: unknown): string {
  const named = (_: string, member: unknown): unknown =>
    (member as Matcher | null | undefined)?.toAsymmetricMatcher?.() ?? member
  return value === undefined ? 'undefined' : JSON.stringify(value, named)
}
