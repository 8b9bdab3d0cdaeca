import { live } from '../client.js'
import type { TestedClient } from '../time.js'
import { Rendering } from './act.js'
import { FakeTime, isLoading } from './fake-time.js'
import { FakeSocket } from './socket.js'

const TIME = Symbol.for('everwire.time')

/** What the network knows of a server. */
export interface Reachable {
  /** Its URL without query. */
  readonly address: string
  readonly rendering: Rendering
  /** A client opens a socket. */
  connect(url: string): FakeSocket
}

type Construct = new (url: string | URL, protocols?: string | string[]) => object

const globals = globalThis as { [TIME]?: unknown; WebSocket?: Construct }

/** What the fake servers of a test share: one time, and the place of the global `WebSocket`. */
export class Network {
  static #present: Network | undefined

  readonly time = new FakeTime({
    opening: (client, url) => this.#adopt(client, url),
    isLoading: () => [...this.#clients.keys()].some(isLoading),
    inAct: (run) => this.#anyRendering.inAct(run),
  })
  readonly #servers = new Map<string, Reachable>()
  /** The clients that were opened since, and where. */
  readonly #clients = new Map<TestedClient, string>()
  /** Where sockets were opened to that no server of this network is at. */
  readonly #elsewhere = new Set<string>()
  /** For what concerns no server. */
  readonly #rendering = new Rendering()
  readonly #webSocket = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')

  /** The network, with one server more. */
  static enter(server: Reachable): Network {
    if (!this.#present && globals[TIME]) {
      throw new Error(
        'another copy of everwire/testing has a server that is open: close that first, or import everwire/testing in one way only (import or require)',
      )
    }
    const network = (this.#present ??= new Network().#takeOver())
    if (network.#servers.has(server.address)) {
      throw new Error(
        `there is a fake server for ${server.address} already: close that one first, as by afterEach(() => server.close())`,
      )
    }
    network.#servers.set(server.address, server)
    return network
  }

  /** Closes the clients of this server; with the last server everything is as it was before the first. */
  leave(server: Reachable): void {
    for (const client of this.clientsOf(server)) this.#release(client)
    this.#servers.delete(server.address)
    if (this.#servers.size > 0) return
    for (const client of [...this.#clients.keys()]) this.#release(client)
    // Those from before have lived in the fake time, too, and their timers are in it.
    for (const client of [...live]) client.dispose()
    if (this.#webSocket) Object.defineProperty(globalThis, 'WebSocket', this.#webSocket)
    else delete globals.WebSocket
    Reflect.deleteProperty(globals, TIME)
    Network.#present = undefined
  }

  clientsOf({ address }: Reachable): TestedClient[] {
    return [...this.#clients].filter(([, at]) => at === address).map(([client]) => client)
  }

  /** Where else sockets were opened to, without their queries. */
  get elsewhere(): readonly string[] {
    return [...this.#elsewhere]
  }

  #takeOver(): this {
    const Real = globals.WebSocket
    const construct = (_: unknown, [url, ...rest]: [string | URL, string?]): object => {
      const href = hrefOf(url)
      const address = addressOf(href)
      const server = this.#servers.get(address)
      if (server) return server.connect(href)
      this.#elsewhere.add(address)
      if (Real) return new Real(url, ...rest)
      throw new Error(`there is no server at ${address} and no WebSocket here: add fakeServer({ url })`)
    }
    // Whoever asks the class for its constants, or a real socket for its class, finds them.
    const value = new Proxy<Construct>(Real ?? (FakeSocket as unknown as Construct), { construct })
    Object.defineProperty(globalThis, 'WebSocket', { value, configurable: true, writable: true })
    globals[TIME] = this.time
    return this
  }

  #adopt(client: TestedClient, url: string): void {
    if (!this.#clients.has(client)) {
      const dispatch = client.dispatchEvent.bind(client)
      // Whenever a client tells something: React has rendered it before the client goes on.
      client.dispatchEvent = (event) => {
        let isUncancelled = true
        this.#renderingAt(url).inAct(() => {
          isUncancelled = dispatch(event)
        })
        return isUncancelled
      }
    }
    this.#clients.set(client, addressOf(url))
  }

  #renderingAt(url: string): Rendering {
    return this.#servers.get(addressOf(url))?.rendering ?? this.#rendering
  }

  /** For what may concern every server: all act on the same React. */
  get #anyRendering(): Rendering {
    const renderings = [...this.#servers.values()].map(({ rendering }) => rendering)
    return renderings.find(({ given }) => given) ?? this.#rendering
  }

  #release(client: TestedClient): void {
    this.#clients.delete(client)
    client.dispose()
    // The one of its class is there again.
    Reflect.deleteProperty(client, 'dispatchEvent')
  }
}

/** What a browser makes of the URL of a `WebSocket`, which may be relative and begin with http. */
function hrefOf(url: string | URL): string {
  const { location } = globalThis as { readonly location?: Location }
  try {
    return new URL(url, location?.href).href.replace(/^http/, 'ws')
  } catch {
    throw new DOMException(
      'the URL of a WebSocket is not valid: give one such as wss://example.com/prod',
      'SyntaxError',
    )
  }
}

/** A URL without its query, in which a token may be. */
export function addressOf(url: string | URL): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
