import { masked } from './masking.js'
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
  const json = jsonOf(recorded.message)
  const made = {
    // Masked before it is cut: what is cut off may be what shows a token to be one.
    preview: masked((json ?? String(recorded.message)).slice(0, 4 * PREVIEW_CHARACTERS)).slice(
      0,
      PREVIEW_CHARACTERS,
    ),
    bytes: json === undefined ? undefined : new Blob([json]).size,
  }
  texts.set(recorded, made)
  return made
}

/** All of it, for reading. */
export function wholeText({ message }: Recorded): string {
  return masked(jsonOf(message, 2) ?? String(message))
}

/** Bytes as people read them. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${String(bytes)} B`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** What cannot be sent is shown, too, as what `send()` was given. */
function jsonOf(message: unknown, indent?: number): string | undefined {
  try {
    return JSON.stringify(message, undefined, indent)
  } catch {
    return undefined
  }
}
