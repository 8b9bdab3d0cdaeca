import { basename } from 'node:path'
import { explainEnd, startChild } from '../child-processes.mjs'
import { Problem } from '../problem.mjs'

/** Runs a program to its end, which must be a good one. */
export async function run(command, args, env = process.env) {
  const end = await startChild(command, args, { env }).ended
  if (end.code !== 0)
    throw new Problem(
      `While building the package, ${basename(command)} ${explainEnd(end)}. Its own words are above.`,
    )
}
