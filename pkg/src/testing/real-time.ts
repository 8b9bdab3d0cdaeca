/**
 * The test runner's own time, whatever `vi.useFakeTimers()` and `jest.useFakeTimers()` put in its place.
 *
 * @module
 */

/** What those leave at the function that stands in for `setTimeout`: @sinonjs/fake-timers, in both. */
interface Clock {
  readonly _setTimeout?: typeof setTimeout
  readonly _Date?: typeof Date
  /** Runs what is due. */
  tick?(ms: number): void
}

const clockNow = (): Clock | undefined => (setTimeout as { clock?: Clock }).clock

// As it is when this module is loaded. Jest's `enableGlobally` comes before that.
const clock = clockNow()
const startTimer = clock?._setTimeout ?? setTimeout
const RealDate = clock?._Date ?? Date
/** Of Node, and sooner than a timer. */
const { setImmediate: immediate } = globalThis as { setImmediate?: (then: () => void) => unknown }

/** Milliseconds since 1970. */
export const realNow = RealDate.now.bind(RealDate)

/** Settles when everything that was ready to run has run: promises, and what waits for a turn of the event loop. */
export async function turn(): Promise<void> {
  await new Promise<void>((then) => (immediate && !clock ? immediate(then) : startTimer(then, 0)))
  runDueOfFaked()
}

/** As {@link turn}, a moment later: for whoever asks again and again. */
export async function pause(): Promise<void> {
  await new Promise<void>((then) => startTimer(then, 1))
  runDueOfFaked()
}

/** As Testing Library does: Jest holds back `queueMicrotask()` and React's own turns, too, which need no time. */
function runDueOfFaked(): void {
  clockNow()?.tick?.(0)
}
