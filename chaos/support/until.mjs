/** Settles with what `holds` gives as soon as that is true; asked again and again, so that no test waits for a time. */
export async function until(holds, what, withinMs = 20_000) {
  const late = Date.now() + withinMs
  for (;;) {
    const held = await holds()
    if (held) return held
    if (Date.now() > late) throw new Error(`waited in vain for ${what}`)
    await new Promise((turn) => setTimeout(turn, 2))
  }
}
