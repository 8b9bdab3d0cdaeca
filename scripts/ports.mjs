import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { explainEnd } from './child-processes.mjs'
import { Problem } from './problem.mjs'

/** A port from the environment, or the usual one. */
export function portFrom(variable, usual) {
  const port = Number(process.env[variable] || usual)
  if (Number.isInteger(port) && port > 0 && port < 65536) return port
  throw new Problem(
    `${variable} is ${process.env[variable]}: set it to a number from 1 to 65535, or unset it.`,
  )
}

/** Stops with the port and the remedy if something listens there already. */
export async function ensurePortIsFree(port, { variable, purpose }) {
  const { error } = await listenBriefly(port)
  if (!error) return
  const choose = `choose another with ${variable}=<port>`
  if (error.code !== 'EADDRINUSE') {
    throw new Problem(`Port ${port} cannot be had for ${purpose} (${error.message}): ${choose}.`)
  }
  const names = `\`lsof -i :${port}\` or \`ss -ltnp\` names it`
  throw new Problem(
    `Port ${port} is in use, and ${purpose} needs it. End the program that has it (${names}), or ${choose}.`,
  )
}

/** The preferred port if nothing has it, else one that is free. */
export async function freePort(preferred = 0) {
  const { port, error } = await listenBriefly(preferred)
  if (!error) return port
  if (preferred !== 0) return freePort()
  throw new Problem(`No free port was found on 127.0.0.1: ${error.message}.`)
}

/** `{ port }` if it could be had, else `{ error }`. */
function listenBriefly(wanted) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve({ error }))
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve({ port }))
    })
  })
}

/** Waits until a server answers over HTTP, with whatever status; stops if its program ends before that. */
export async function untilAnswers(url, { purpose, ended, withinMs = 30_000 }) {
  let end
  void ended.then((how) => (end = how))
  const giveUpAt = Date.now() + withinMs
  while (!(await answers(url))) {
    if (end) throw new Problem(`${purpose} ${explainEnd(end)}, before it answered at ${url}.`)
    if (Date.now() > giveUpAt) {
      throw new Problem(
        `${purpose} did not answer at ${url} within ${withinMs / 1000} s. Its own words are above.`,
      )
    }
    await sleep(100)
  }
}

async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) })
    await response.body?.cancel()
    return true
  } catch {
    return false
  }
}
