/**
 * What can go wrong with a connection. Each gives a function of a link, for `proxy.next`, `proxy.always` and
 * `proxy.live`.
 */
export const faults = {
  /** A TCP reset, as from a machine that has restarted. */
  reset: () => (link) => link.reset(),
  /** An orderly end without a close frame; for a new connection: accepted, then closed. */
  close: () => (link) => link.close(),
  /** Stays open, and nothing gets through: `up`, `down` or `both`. A new connection never gets its handshake answered. */
  blackHole:
    (direction = 'both') =>
    (link) =>
      link.blackHole(direction),
  /** Each piece of data takes so many milliseconds. */
  delay: (ms) => (link) => link.delay(ms),
  /** The end of the stream in one direction: `up` tells the gateway, `down` the browser. */
  halfClose: (direction) => (link) => link.halfClose(direction),
  /** The end of the stream for both after so many bytes. */
  cutAfter:
    (bytes, direction = 'down') =>
    (link) =>
      link.cutAfter(bytes, direction),
  /** The handshake succeeds, and that was all. For a new connection only. */
  closeAfterAnswer: () => (link) => link.closeAfterAnswer(),
  /** The handshake is answered with this HTTP status. For a new connection only. */
  answer: (status) => (link) => link.answer(status),
}
