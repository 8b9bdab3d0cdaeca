import type { Status } from 'everwire'

/** What the worker that has the socket tells the page. */
export type FromWorker = { status: Status } | { title: string }
