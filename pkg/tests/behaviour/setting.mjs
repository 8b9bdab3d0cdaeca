import { afterEach, beforeEach } from 'node:test'
import { WebSocket } from 'ws'
import WSClient from '../../dist/index.js'
import { Server } from '../server.mjs'
import { Watch } from '../watch.mjs'

/** Short waits, so that a test of the second retry need not take seconds; no heartbeats but where they matter. */
export const QUICK = { firstRetryMs: 20, maxRetryMs: 80, stableAfterMs: 200, heartbeatMs: 0, WebSocket }

/** For the tests of one `describe`: a server anew for each, and clients that are disposed of at its end. */
export function useServer(defaults) {
  const server = new Server()
  const clients = []

  function make(options) {
    const client = new WSClient({ url: server.url, ...QUICK, ...defaults, ...options })
    clients.push(client)
    return { client, watch: new Watch(client) }
  }

  /** One that is open. */
  async function open(options) {
    const made = make(options)
    await made.client.open()
    return made
  }

  beforeEach(() => server.startAnew())
  afterEach(async () => {
    for (const client of clients.splice(0)) client.dispose()
    await server.stop()
  })
  return { server, make, open }
}

export function raise(error) {
  throw error
}

/** A token that says when it expires. */
export function jwt(expiresAt) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: 'alice', exp: expiresAt / 1000 })}.c2lnbmF0dXJl`
}

/** What is thrown to nobody while `run` runs. */
export async function uncaughtIn(run) {
  const thrown = []
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => thrown.push(error))
  try {
    await run(thrown)
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const other of others) process.on('uncaughtException', other)
  }
  return thrown
}
