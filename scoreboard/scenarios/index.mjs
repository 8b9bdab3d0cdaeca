import { offline, reconnectInBackoff, refused, unanswered } from './handshakes.mjs'
import { blackHole, busy, sentIntoBlackHole } from './liveness.mjs'
import { acceptThenClose, cut, herd, lifetime, outage, restart } from './losses.mjs'
import { badJson, oversized, whileDown } from './messages.mjs'
import { listenerThrows, strictMode } from './page.mjs'
import { closeWhilePending, flapping, tokenHangs, tokenRejects } from './tokens.mjs'

/**
 * All scenarios, in the table's order. Each: `id`; `name`, `done` and `counts` in words for the page; `play(arena)`,
 * which gives a result (support/result.mjs).
 */
export const scenarios = [
  restart,
  outage,
  acceptThenClose,
  herd,
  offline,
  reconnectInBackoff,
  refused,
  unanswered,
  tokenRejects,
  tokenHangs,
  closeWhilePending,
  flapping,
  blackHole,
  busy,
  sentIntoBlackHole,
  lifetime,
  cut,
  whileDown,
  oversized,
  badJson,
  listenerThrows,
  strictMode,
]
