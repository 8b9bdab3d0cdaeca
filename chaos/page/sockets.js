const OPEN = 1

/**
 * A WebSocket class for clients, and what it knows of the sockets that it has made: `made`, all of them; `live()`, those
 * that are neither closing nor closed; `maxLive`, the most at one time; `listenedTo()`, those that somebody still hears.
 */
export function trackSockets(Native) {
  const sockets = {
    made: [],
    maxLive: 0,
    live: () => sockets.made.filter(({ readyState }) => readyState <= OPEN),
    listenedTo: () => sockets.made.filter((it) => it.onopen ?? it.onmessage ?? it.onclose),
  }
  sockets.Tracked = class extends Native {
    constructor(...args) {
      super(...args)
      sockets.made.push(this)
      sockets.maxLive = Math.max(sockets.maxLive, sockets.live().length)
    }
  }
  return sockets
}
