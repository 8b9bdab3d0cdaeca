const JWT = /eyJ[\w-]{8,}(?:\.[\w-]*)*/g

/** A member whose name says that its value is a secret; its value may be cut off. */
const SECRET =
  /("[^"]*(?:token|secret|password|passwd|authorization|api_?key)[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*"?/gi

/** What a URL carries beside its path. */
const QUERY = /(\b(?:wss?|https?):\/\/[^\s"'?#]*)[?#][^\s"']*/gi

/** A text to show, without what looks like a token, a password or a URL's query: pages are shared and photographed. */
export function masked(text: string): string {
  return text.replace(SECRET, '$1"(hidden)"').replace(JWT, '(hidden)').replace(QUERY, '$1?(hidden)')
}
