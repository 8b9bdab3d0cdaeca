import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** The kernel's tick, in seconds: USER_HZ is 100 on every Linux. */
const TICK_SECONDS = 0.01
/** Who uses less of a core than this over a while is at rest. */
const REST_SHARE = 0.02
const WHILE_MS = 500

/** The seconds of CPU that a process and all that it has started have used. */
export const cpuSeconds = (pid) => familyOf(pid).reduce((sum, { ticks }) => sum + ticks, 0) * TICK_SECONDS

/** The memory of a process and all that it has started, in bytes; pages that several share are shared out among them. */
export function memoryBytes(pid) {
  const kibibytes = familyOf(pid).map(({ pid }) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)[1])
  })
  return kibibytes.reduce((sum, each) => sum + each, 0) * 1024
}

/** Waits until a process and all that it has started do nothing; not for ever, as some always do something. */
export async function untilAtRest(pid) {
  const giveUpAt = Date.now() + 20_000
  let used = cpuSeconds(pid)
  while (Date.now() < giveUpAt) {
    await sleep(WHILE_MS)
    const before = used
    used = cpuSeconds(pid)
    if (used - before <= (REST_SHARE * WHILE_MS) / 1000) return
  }
}

/** The process itself, its children, theirs and so on: each with the ticks of CPU that it has used. */
function familyOf(ancestor) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)))
  const members = [all.find(({ pid }) => pid === ancestor)]
  for (const { pid } of members) members.push(...all.filter(({ parent }) => parent === pid))
  return members
}

/** Nothing, for one that has just ended. */
function processOf(pid) {
  let stat
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return []
  }
  // The name, in parentheses, may hold anything. See proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number)
  return [{ pid, parent, ticks: user + system }]
}
