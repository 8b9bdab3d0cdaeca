import { maskedJson, maskedText } from './masking.js'
import type { Recorded } from './recorder.js'

/** What is shown of a message before anybody asks for all of it. */
const PREVIEW_CHARACTERS = 200

/** A message as text. */
export interface MessageText {
  /** Its beginning, on one line. */
  readonly preview: string
  /** Of its JSON, in bytes as UTF-8; `undefined` for what is no JSON. */
  readonly bytes: number | undefined
}

const texts = new WeakMap<Recorded, MessageText>()

/** What is shown of a message; made once, when it is shown first, so that nothing is spent on the others. */
export function messageText(recorded: Recorded): MessageText {
  const known = texts.get(recorded)
  if (known) return known
  const made = {
    // Masked before it is cut: what is cut off may be what shows a token to be one.
    preview: shownText(recorded).slice(0, PREVIEW_CHARACTERS),
    bytes: bytesOf(recorded.message),
  }
  texts.set(recorded, made)
  return made
}

/** All of it, for reading. */
export function wholeText(recorded: Recorded): string {
  return shownText(recorded, 2)
}

/** Bytes as people read them. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${String(bytes)} B`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** What cannot be sent is shown, too, as what `send()` was given. */
function shownText({ message }: Recorded, indent?: number): string {
  return attempt(() => maskedJson(message, indent)) ?? maskedText(String(message))
}

/** Of what is sent, and not of what is shown. */
function bytesOf(message: unknown): number | undefined {
  const json = attempt(() => JSON.stringify(message) as string | undefined)
  return json === undefined ? undefined : new Blob([json]).size
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
