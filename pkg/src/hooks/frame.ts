import { startTimer, stopTimer, testTime, type Timer } from '../time.js'

/** How long a page that paints nothing, as a hidden one, may be behind, in milliseconds. */
const LONGEST_WAIT_MS = 1000

const due = new Set<() => void>()
let frame: number | undefined
let timer: Timer
/** Whose timer it is: one that a test runner or a test has put in place for a while may never come. */
let owner: unknown

/** Not everywhere is there something that paints. */
const globals: Partial<Pick<typeof globalThis, 'requestAnimationFrame' | 'cancelAnimationFrame'>> = globalThis

/**
 * Calls `update` once before the next frame is painted, together with all others, so that React renders for
 * all of them at once.
 */
export function beforeNextFrame(update: () => void): void {
  due.add(update)
  const owned = testTime() ?? globalThis.setTimeout
  if (timer !== undefined && owner === owned) return
  owner = owned
  // A test's time has no frames: what is due at once runs after each push.
  frame = testTime() ? undefined : globals.requestAnimationFrame?.(run)
  timer = startTimer(run, frame === undefined ? 0 : LONGEST_WAIT_MS)
}

function run(): void {
  if (frame !== undefined) globals.cancelAnimationFrame?.(frame)
  stopTimer(timer)
  frame = timer = undefined
  const updates = [...due]
  due.clear()
  for (const update of updates) update()
}
