const NO_HEARTBEAT = { busy: 'sends no heartbeats' }

const OF_HOOKS = {
  'reconnect-in-backoff': 'has no `reconnect()`',
  'listener-throws': 'takes one callback',
}

const OF_GRAPHQL = {
  'reconnect-in-backoff': 'has no `reconnect()`; `terminate()` is for open sockets',
  'strict-mode': 'has no hook',
}

const NO_TOKEN_FUNCTION = {
  'token-rejects': 'takes no function that fetches a token',
  'token-hangs': 'takes no function that fetches a token',
  'close-while-pending': 'takes no function that fetches a token',
  flapping: 'takes no function that fetches a token',
}

/**
 * Who takes part. Each row is a column of the table.
 *
 *   id        of the adapter, clients/ID.js, and of its settings where there are two: `ID:documented`
 *   packages  whose versions are told; what the adapter needs beside React
 *   speaks    the protocol of the server that it gets, servers/SPEAKS.mjs
 *   settings  in words
 *   without   scenarios that its API does not allow, with the reason
 */
export const clients = [
  {
    id: 'everwire',
    packages: ['everwire'],
    speaks: 'plain',
    settings: 'Its defaults.',
  },
  {
    id: 'partysocket',
    packages: ['partysocket'],
    speaks: 'plain',
    settings:
      'Its defaults: its documentation recommends no others. The token is in the URL, from its URL function.',
    without: {
      ...NO_HEARTBEAT,
      'bad-json': 'hands over the text as it came',
    },
  },
  {
    id: 'reconnecting-websocket',
    packages: ['reconnecting-websocket'],
    speaks: 'plain',
    settings:
      'Its defaults: its documentation recommends no others. The token is in the URL, from its URL function.',
    without: {
      ...NO_HEARTBEAT,
      'bad-json': 'hands over the text as it came',
      'strict-mode': 'has no hook',
    },
  },
  {
    id: 'react-use-websocket',
    packages: ['react-use-websocket'],
    speaks: 'plain',
    settings: 'Its defaults, which never reconnect. The token is in the URL, from a memoised URL function.',
    without: { ...NO_HEARTBEAT, ...OF_HOOKS },
  },
  {
    id: 'react-use-websocket:documented',
    packages: [],
    speaks: 'plain',
    settings:
      'As its README shows for those who want to reconnect: `shouldReconnect: () => true`, 1 s doubled up to 10 s, 10 attempts, `heartbeat`, and `retryOnError` for a URL function that fails.',
    without: OF_HOOKS,
  },
  {
    id: 'graphql-ws',
    packages: ['graphql-ws'],
    speaks: 'graphql',
    settings:
      'Its defaults, with its own server. The token is in `connectionParams`; one subscription is the feed.',
    without: { ...NO_HEARTBEAT, ...OF_GRAPHQL },
  },
  {
    id: 'graphql-ws:documented',
    packages: [],
    speaks: 'graphql',
    settings:
      'With the recipes of its website: retries on any connection problem (`shouldRetry: () => true`, and `retryAttempts: Infinity`), `keepAlive` with `terminate()` when no pong comes.',
    without: OF_GRAPHQL,
  },
  {
    id: 'centrifuge',
    packages: ['centrifuge'],
    speaks: 'centrifuge',
    settings:
      'Its defaults, with a small server here that speaks its JSON protocol, recovery included. `getToken` gives the token.',
    without: {
      'strict-mode': 'has no hook',
    },
  },
  {
    id: 'socket.io',
    packages: ['socket.io-client', 'socket.io'],
    speaks: 'socket.io',
    settings:
      'Its defaults with its own server, but without polling, which API Gateway does not have: `transports: ["websocket"]`. `auth` gives the token.',
    without: {
      'strict-mode': 'has no hook',
    },
  },
  {
    id: 'phoenix',
    packages: ['phoenix'],
    speaks: 'phoenix',
    settings:
      'Its defaults, with a small server here that speaks the protocol of its channels. The app fetches the token before it connects.',
    without: {
      ...NO_TOKEN_FUNCTION,
      'strict-mode': 'has no hook',
    },
  },
  {
    id: 'ably',
    packages: ['ably'],
    speaks: 'ably',
    settings:
      'Its defaults, with a small server here that speaks its protocol as JSON, without history. `authCallback` gives the token.',
    without: {
      'strict-mode': 'is not tried with its hooks',
    },
  },
  {
    id: 'sockette',
    packages: ['sockette'],
    speaks: 'plain',
    settings: 'Its defaults. The app fetches the token before it connects.',
    without: {
      ...NO_HEARTBEAT,
      ...NO_TOKEN_FUNCTION,
      'bad-json': 'hands over the text as it came',
      'listener-throws': 'takes one callback',
      'strict-mode': 'has no hook',
    },
  },
  {
    id: 'rxjs',
    packages: ['rxjs'],
    speaks: 'plain',
    settings:
      '`webSocket` with `retry({ delay: 1000 })`; `defer` and `switchMap` fetch a token for each attempt.',
    without: {
      ...NO_HEARTBEAT,
      'reconnect-in-backoff': 'has no `reconnect()`',
      'listener-throws': 'takes one observer here',
      'strict-mode': 'has no hook',
    },
  },
  {
    id: 'article',
    packages: [],
    speaks: 'plain',
    settings:
      'The client of the article that Everwire began with, written anew from its description; where that leaves something out, in its favour.',
    without: {
      ...NO_HEARTBEAT,
      'strict-mode': 'its hook has a singleton outside React',
    },
  },
]
