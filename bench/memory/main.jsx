// Makes clients of the kind that the query names, connected to the URL that it names, when it is asked to.
const kinds = {
  everwire: () => import('./clients/everwire.js'),
  partysocket: () => import('./clients/partysocket.js'),
  centrifuge: () => import('./clients/centrifuge.js'),
  'plain-socket': () => import('./clients/plain-socket.js'),
}

const query = new URLSearchParams(location.search)
const clients = []

/** Settles when so many more of them are connected. They stay so, and come back as soon as they may. */
globalThis.addClients = async (count) => {
  // Not before, so that the first client's share has its code in it.
  const { connect } = await kinds[query.get('kind')]()
  for (let made = 0; made < count; made += 1) clients.push(await connect(query.get('url')))
}
