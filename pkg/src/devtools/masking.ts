const HIDDEN = '(hidden)'

/** What is in names of secrets. `author` is none. */
const SECRET_WORD = [
  'token|secret|credential|cookie|session|jwt|csrf|xsrf|pwd|sig(?:nature)?\\b',
  'pass(?:w|code|phrase|\\b)',
  'auth(?!or(?!i[sz]ation))',
  '(?:api|access|private|signing|encryption)[-_ ]?key',
].join('|')

const SECRET_NAME = new RegExp(SECRET_WORD, 'i')

const JWT = /eyJ[\w-]{8,}(?:\.[\w-]*)*/g

const BEARER = /\b(Bearer\s+)\S+/gi

/** What follows the scheme of a URL. */
const URL_REST = /:\/\/[^\s"]+/g

/** A header whose whole line is secret. */
const HEADER = /((?:cookie|authorization)["']?\s{0,8}:\s{0,8})[^\r\n]+/gi

/**
 * A name of a secret and its value, in text that is no JSON: also in JSON that is cut off, or escaped. Repetitions
 * before the value are bounded: a text of nothing but names would take quadratic time.
 */
const NAMED = new RegExp(
  `((?:${SECRET_WORD})[\\w-]{0,40}[\\\\"']{0,8}\\s{0,8}(?:[=:]|%3D)\\s{0,8})` +
    `(?:"(?:[^"\\\\]|\\\\[^])*"?|'[^']*'?|\\\\{1,8}["'][^"']*["']?|[[{][^\\r\\n]*|(?:(?:Bearer|Basic)\\s)?[^\\s,;&"']+)`,
  'gi',
)

/** The JSON of a value, without what looks like a secret: pages are shared and photographed. */
export function maskedJson(value: unknown, indent?: number): string | undefined {
  // `undefined` for what JSON has not, whatever the types say.
  const json = JSON.stringify(value, maskMember, indent) as string | undefined
  // Once more in all of it: a token may be a member's name.
  return json?.replace(JWT, HIDDEN)
}

/** A text, without what looks like a secret, inside JSON too. Takes time in proportion to its length. */
export function maskedText(text: string): string {
  return maskedIfJson(text) ?? maskedProse(text)
}

function maskMember(name: string, value: unknown): unknown {
  if (SECRET_NAME.test(name) && value !== null && value !== undefined) return HIDDEN
  return typeof value === 'string' ? maskedText(value) : value
}

function maskedIfJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return maskedJson(JSON.parse(text))
  } catch {
    return undefined
  }
}

function maskedProse(text: string): string {
  return text
    .replace(URL_REST, maskedUrlRest)
    .replace(BEARER, `$1${HIDDEN}`)
    .replace(JWT, HIDDEN)
    .replace(HEADER, `$1${HIDDEN}`)
    .replace(NAMED, `$1${HIDDEN}`)
}

function maskedUrlRest(rest: string): string {
  const authority = /^:\/\/[^/?#]*/.exec(rest)?.[0] ?? ''
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const user = authority.includes('@') ? `://${HIDDEN}@` : ''
  const [path = ''] = rest.slice(authority.length).split(/[?#]/, 1)
  const query = authority.length + path.length < rest.length ? `?${HIDDEN}` : ''
  return user + host + path + query
}
