// A binary as text in a script, of printable ASCII that no quoting and no bundler has to escape.
//
// One character for each frequent byte, two for each other one. Where a byte is such a character it stands for itself,
// so that the texts of a module stay legible, to Brotli's dictionary too. What brings it back is pkg/src/core-wasm.ts.

/** All but quotes, what escapes, and `<`, with which a script in a page could end. */
const CHARACTERS = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (character) => !`'"\`\\$<`.includes(character),
)
/** Each of the last two characters of the alphabet moves the next character to the rarer bytes. */
const SHIFTS = 2
const DIRECT = CHARACTERS.length - SHIFTS
/** Bytes from here on are never direct, so that no step between two that are is longer than the alphabet. */
const NOT_DIRECT = 2 * DIRECT

/**
 * `bytes` as `{ text, alphabet, steps }`: `steps` are the differences between the bytes that one character stands for,
 * in ascending order, and `alphabet` has their characters in the same order.
 */
export function encode(bytes) {
  const counts = Array(256).fill(0)
  for (const byte of bytes) counts[byte] += 1
  const all = Array.from(counts.keys())
  const direct = all
    .filter((byte) => byte < NOT_DIRECT)
    .sort((one, other) => counts[other] - counts[one])
    .slice(0, DIRECT)
    .sort((one, other) => one - other)
  const alphabet = alphabetFor(direct, counts)
  const order = [...direct, ...all.filter((byte) => !direct.includes(byte))]
  const characters = []
  order.forEach((byte, place) => (characters[byte] = placed(place, alphabet)))
  return {
    text: Array.from(bytes, (byte) => characters[byte]).join(''),
    alphabet: alphabet.join(''),
    steps: direct.map((byte, i) => alphabet[byte - (direct[i - 1] ?? -1)]).join(''),
  }
}

/** What stands for the byte at this place of the order. */
function placed(place, alphabet) {
  const shift = Math.floor(place / DIRECT)
  return (shift > 0 ? alphabet[DIRECT + shift - 1] : '') + alphabet[place % DIRECT]
}

/** The characters of these bytes: themselves, or what is left over. Those that shift come last. */
function alphabetFor(direct, counts) {
  const byUse = [...CHARACTERS].sort((one, other) => counts[one.charCodeAt(0)] - counts[other.charCodeAt(0)])
  const shifts = byUse.slice(0, SHIFTS)
  const itself = (byte) =>
    CHARACTERS.find((character) => character.charCodeAt(0) === byte && !shifts.includes(character))
  const taken = new Set([...shifts, ...direct.map(itself)])
  const free = CHARACTERS.filter((character) => !taken.has(character))
  return [...direct.map((byte) => itself(byte) ?? free.shift()), ...shifts]
}
