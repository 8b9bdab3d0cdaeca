import type { ProblemCode } from './error.js'

/**
 * Where a connection stands:
 *
 * - `closed`: nothing is wanted
 * - `suspended`: the page is stored (bfcache) or prerendered; it connects when it is shown
 * - `fetching-token`: the token function was called
 * - `connecting`: the handshake goes on
 * - `open`: messages flow
 * - `waiting`: the last attempt or socket is over, `retryAt` says when the next attempt begins
 */
export type Status = (typeof STATUSES)[number]

/** In the order of src/npm.rs. */
export const STATUSES = ['closed', 'suspended', 'fetching-token', 'connecting', 'open', 'waiting'] as const

/** Why a connection's state changed: `Why` in src/snapshot.rs. */
export type Cause =
  | 'open-called'
  | 'close-called'
  | 'reconnect-called'
  | 'token-ready'
  | 'socket-opened'
  | 'stable'
  | 'handed-over'
  | 'hand-over-failed'
  | 'retry-due'
  | 'online'
  | 'visible'
  | 'page-stored'
  | 'page-shown'
  | 'socket-closed'
  | ProblemCode

/** A connection at one moment. Frozen; a change makes a new one. */
export interface ConnectionState {
  /** Where it stands. */
  readonly status: Status
  /** How many attempts or sockets were lost since the connection was last stable; 0 at first. */
  readonly attempt: number
  /** While `waiting`: when the next attempt begins, in milliseconds since the epoch. */
  readonly retryAt: number | undefined
  /** Why the state changed, for a program; `undefined` before the first change. */
  readonly cause: Cause | undefined
  /** Why the state changed, for a person. */
  readonly why: string
  /** The close code, where a socket has closed. */
  readonly closeCode: number | undefined
  /** The number of the attempt, counted from 1: another one means another socket. */
  readonly generation: number
}

/** The state of a client that was never opened. */
export const NEVER_OPENED: ConnectionState = Object.freeze({
  status: 'closed',
  attempt: 0,
  retryAt: undefined,
  cause: undefined,
  why: 'never opened',
  closeCode: undefined,
  generation: 0,
})
