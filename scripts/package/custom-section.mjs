/**
 * A custom section of WebAssembly, as bytes to append to a module: engines pass over it, and
 * `WebAssembly.Module.customSections()` gives its content.
 */
export function customSection(name, content) {
  const body = Buffer.concat([sized(Buffer.from(name)), Buffer.from(content)])
  return Buffer.concat([Buffer.of(0), sized(body)])
}

/** The bytes after their number, which is in LEB128. */
function sized(bytes) {
  const size = []
  let rest = bytes.length
  for (; rest >= 0x80; rest >>>= 7) size.push((rest & 0x7f) | 0x80)
  return Buffer.concat([Buffer.of(...size, rest), bytes])
}
