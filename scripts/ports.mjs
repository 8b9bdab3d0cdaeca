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
  if ((await listenBriefly(port)) === undefined) {
    throw new Problem(
      `Port ${port} is in use, and ${purpose} needs it. ` +
        `End the program that has it (lsof -i :${port} names it), or choose another with ${variable}=<port>.`,
    )
  }
}

/** The preferred port if nothing has it, else one that is free. */
export async function freePort(preferred = 0) {
  return (await listenBriefly(preferred)) ?? (await listenBriefly(0))
}

/** The port if it could be had, undefined if it is in use. */
function listenBriefly(port) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen(port, '127.0.0.1', () => {
      const { port: got } = server.address()
      server.close(() => resolve(got))
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
