/** Beyond the last number that is given, so that all numbers have as many digits. */
const FIRST = 1_000_000

/**
 * What gives messages as JSON of exactly so many bytes, each with a number of its own: a notification of an app, or for
 * more than 1 kB a list of them.
 */
export function textsOf(bytes) {
  const notification = (body) => ({
    action: 'notification',
    n: FIRST,
    title: 'Your order has been shipped',
    body,
    read: false,
  })
  const items = Array.from({ length: Math.floor(bytes / 1024) * 7 }, () => notification('It comes today'))
  const message = (body) => ({ ...notification(body), ...(items.length > 0 && { items }) })
  const missing = bytes - JSON.stringify(message('')).length
  const [head, ...rest] = JSON.stringify(message('.'.repeat(missing))).split(`${FIRST}`)
  const tail = rest.join(`${FIRST}`)
  // Joined, so that it is one piece in the browser's memory, as a text from the network is.
  return (n) => [head, FIRST + n, tail].join('')
}
