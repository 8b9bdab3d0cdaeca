// The clients side by side, each in a frame of its own with scripts of its own, so that what the browser learns about one
// does not serve or hinder another. One page has them all, so that they can take turns within milliseconds.
const benches = {}

window.stage = {
  /** Loads the clients' pages and connects each: settles when all are open. */
  async setUp(clients, url) {
    await Promise.all(clients.map(load))
    await Promise.all(clients.map((client) => benches[client].open(url)))
  },

  /** One turn for each client in this order: microseconds per message, by client. */
  dispatchInTurn(clients, ...args) {
    return Object.fromEntries(clients.map((client) => [client, benches[client].dispatch(...args)]))
  },

  /** Milliseconds until so many messages from the server have been heard. */
  flood: (client, ...args) => benches[client].flood(...args),
}

async function load(client) {
  const frame = document.createElement('iframe')
  frame.src = `/${client}/`
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
  document.body.append(frame)
  await loaded
  benches[client] = frame.contentWindow.bench
}
