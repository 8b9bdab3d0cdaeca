import { readFileSync, readdirSync } from 'node:fs'

/** How long a tick is: what Linux counts a process's time in. */
const TICK_MS = 10

/** How much processor time a process and all that it has started have used, in milliseconds, on Linux. */
export function cpuMs(pid) {
  const all = processes()
  const family = new Set([pid])
  // A set that grows while it is walked is walked to its new end.
  for (const member of family) {
    for (const { id, parent } of all) if (parent === member) family.add(id)
  }
  return all.reduce((sum, { id, ticks }) => (family.has(id) ? sum + ticks * TICK_MS : sum), 0)
}

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [parsed(readFileSync(`/proc/${name}/stat`, 'utf8'))]
      } catch {
        // It has ended meanwhile.
        return []
      }
    })
}

/** A program's name may have blanks and brackets in it; what follows the last bracket is numbers, see proc(5). */
function parsed(stat) {
  const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { id: parseInt(stat), parent: Number(rest[1]), ticks: Number(rest[11]) + Number(rest[12]) }
}
