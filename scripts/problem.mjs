import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { endAllChildren, isEnding } from './child-processes.mjs'

/** A failure that the reader can act on: its message names the cause and the remedy, so no stack is shown. */
export class Problem extends Error {}

/** Runs a script's main function. A Problem ends all programs and becomes one message and exit code 1. */
export async function runMain(main) {
  try {
    await main()
  } catch (error) {
    // What fails because everything is being ended is no news.
    if (isEnding()) return
    await endAllChildren()
    console.error(error instanceof Problem ? `\n✗ ${error.message}` : error)
    process.exit(1)
  }
}

/** Whether the script at this `import.meta.url` is the one that was called, not one that another imports. */
export function isCalled(url) {
  return fileURLToPath(url) === realpathSync(process.argv[1])
}
