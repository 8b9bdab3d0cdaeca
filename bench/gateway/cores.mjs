import { availableParallelism } from 'node:os'

/** Whose core is whose: the server has one for itself and all that it starts, and the clients have another. */
const CORES = { server: 0, clients: 1 }

/** Command and arguments of a program that runs on the core of `server` or `clients`, where there are two. */
export const onCore = (whose, command, args) =>
  availableParallelism() < 2
    ? [command, args]
    : ['taskset', ['--cpu-list', `${CORES[whose]}`, command, ...args]]
