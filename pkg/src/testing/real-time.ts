/**
 * The test runner's own time: as it is when this module is loaded, so that `vi.useFakeTimers()` and
 * `jest.useFakeTimers()` change nothing here.
 *
 * @module
 */

type Timers = Pick<typeof globalThis, 'setTimeout'>

/** What fake timers that were put in place before (Jest's `enableGlobally`) keep of the real ones. */
type Faked = typeof setTimeout & {
  clock?: { _setTimeout?: typeof setTimeout; runMicrotasks?: () => void }
}

const { setImmediate } = globalThis as { setImmediate?: (then: () => void) => unknown }

const isFaked = Object.hasOwn(setTimeout, 'clock')

const real: Timers = { setTimeout: (setTimeout as Faked).clock?._setTimeout ?? setTimeout }

const immediate = setImmediate && !isFaked ? setImmediate : (then: () => void) => real.setTimeout(then, 0)

/** Milliseconds since some moment. */
export const realNow: () => number = performance.now.bind(performance)

/** Settles when everything that was ready to run has run: promises, and what waits for a turn of the event loop. */
export async function turn(): Promise<void> {
  await new Promise<void>((then) => immediate(then))
  runFakedMicrotasks()
}

/** As {@link turn}, a moment later: for whoever asks again and again. */
export async function pause(): Promise<void> {
  await new Promise<void>((then) => real.setTimeout(then, 1))
  runFakedMicrotasks()
}

/** Jest's fake timers hold `queueMicrotask()` back, too, which is not a matter of time. */
function runFakedMicrotasks(): void {
  if (Object.hasOwn(setTimeout, 'clock')) (setTimeout as Faked).clock?.runMicrotasks?.()
}
