import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder that is gone when `remove()` is called, or at the latest when this process ends. */
export function temporaryFolder(name) {
  const path = mkdtempSync(join(tmpdir(), `everwire-${name}-`))
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  process.once('exit', remove)
  return {
    path,
    remove() {
      process.off('exit', remove)
      remove()
    },
  }
}
