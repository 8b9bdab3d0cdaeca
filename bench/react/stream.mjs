/** Of 150 bytes, as a notification has. */
const message = (n) =>
  JSON.stringify({ action: 'tick', n: String(n).padStart(6, '0'), text: `tick ${n}`.padEnd(105, '.') })

/**
 * Pushes messages to whoever is connected: `count` of them, `perSecond`, each as its time comes. What a busy machine
 * made late is made up for.
 */
export function stream(server, { count, perSecond }) {
  return new Promise((done) => {
    const startedAt = performance.now()
    let sent = 0
    const pushing = setInterval(() => {
      const due = Math.min(count, ((performance.now() - startedAt) / 1000) * perSecond)
      for (; sent < due; sent += 1) server.push(message(sent))
      if (sent < count) return
      clearInterval(pushing)
      done()
    }, 1)
  })
}
