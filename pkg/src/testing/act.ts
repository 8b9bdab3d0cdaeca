/**
 * How what happens here gets on with React: no "not wrapped in act" warning, and rendered when it is over.
 *
 * @module
 */
import type * as React from 'react'
import { turn } from './real-time.js'

/** React's `act`, or Testing Library's. */
export type Act = (callback: () => void) => unknown

/** What Testing Library sets while a test runs, and lifts while it waits. */
const environment = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean | undefined }

let found: Act | undefined

// Where there is React, it is there before an app's tests run.
void import('react').then(
  (react: Partial<typeof React> & { readonly default?: Partial<typeof React> }) => {
    // React is CommonJS, whose names not every loader finds.
    found = react.act ?? react.default?.act
  },
  () => undefined,
)

/** What one server does, as steps of a test that React renders. */
export class Rendering {
  /** The app's own `act`, in place of React's. */
  readonly given: Act | undefined

  constructor(given?: Act) {
    this.given = given
  }

  /** Calls `run`; what React renders because of it has been rendered when this returns. */
  inAct(run: () => void): void {
    if (environment.IS_REACT_ACT_ENVIRONMENT !== true) return run()
    const act = this.given ?? found
    if (act) {
      act(() => run())
      return
    }
    environment.IS_REACT_ACT_ENVIRONMENT = false
    try {
      run()
    } finally {
      environment.IS_REACT_ACT_ENVIRONMENT = true
    }
  }

  /**
   * The same for what the test itself does, while React is at rest: also where nobody says that this is a test, as
   * Testing Library does not where the runner has no global `beforeAll` (Vitest without `globals`), nor while it waits.
   */
  inActOfTest(run: () => void): void {
    const before = environment.IS_REACT_ACT_ENVIRONMENT
    if (before === true || !(this.given ?? found)) return this.inAct(run)
    environment.IS_REACT_ACT_ENVIRONMENT = true
    try {
      this.inAct(run)
    } finally {
      if (before === undefined) delete environment.IS_REACT_ACT_ENVIRONMENT
      else environment.IS_REACT_ACT_ENVIRONMENT = before
    }
  }
}

/**
 * Where a wait here and one of Testing Library overlap, each notes what the other has set, and the last to end
 * leaves that for good.
 *
 * @returns says again that this is a test, if it is said now
 */
export function keepEnvironment(): () => void {
  const before = environment.IS_REACT_ACT_ENVIRONMENT
  return () => {
    if (before) environment.IS_REACT_ACT_ENVIRONMENT = before
  }
}

let waiting = 0
let before: boolean | undefined

/** Waits as Testing Library does: React renders by itself meanwhile, and nothing need be wrapped. */
export async function outsideAct<T>(wait: () => Promise<T>): Promise<T> {
  waiting += 1
  if (waiting === 1) {
    before = environment.IS_REACT_ACT_ENVIRONMENT
    if (before) environment.IS_REACT_ACT_ENVIRONMENT = false
  }
  try {
    return await wait()
  } finally {
    // What was brought about at last is rendered before the test goes on.
    await turn()
    waiting -= 1
    if (waiting === 0 && before) environment.IS_REACT_ACT_ENVIRONMENT = before
  }
}
