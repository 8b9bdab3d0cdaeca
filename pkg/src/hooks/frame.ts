/** How long a page that paints nothing, as a hidden one, may be behind, in milliseconds. */
const LONGEST_WAIT_MS = 1000

const due = new Set<() => void>()
let frame: number | undefined
let timer: ReturnType<typeof setTimeout> | undefined

/** Not everywhere is there something that paints. */
const globals: Partial<Pick<typeof globalThis, 'requestAnimationFrame' | 'cancelAnimationFrame'>> = globalThis

/**
 * Calls `update` once before the next frame is painted, together with all others, so that React renders for
 * all of them at once.
 */
export function beforeNextFrame(update: () => void): void {
  due.add(update)
  if (timer !== undefined) return
  frame = globals.requestAnimationFrame?.(run)
  timer = setTimeout(run, frame === undefined ? 0 : LONGEST_WAIT_MS)
}

function run(): void {
  if (frame !== undefined) globals.cancelAnimationFrame?.(frame)
  clearTimeout(timer)
  frame = timer = undefined
  const updates = [...due]
  due.clear()
  for (const update of updates) update()
}
