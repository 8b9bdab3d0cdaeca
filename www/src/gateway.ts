// Where the gateway is, and how to push through it.

const DEFAULT_GATEWAY = 'http://127.0.0.1:3001/dev'

const endpoint = new URL(import.meta.env.VITE_GATEWAY ?? DEFAULT_GATEWAY)

/** Where its `/demo` is: signing in, and troubles on request. */
export const GATEWAY_ORIGIN = endpoint.origin

/** Where clients connect: at the gateway, or at a deployed API that takes its tokens. */
export const SOCKET_URL = import.meta.env.VITE_SOCKET_URL ?? endpoint.href.replace(/^http/, 'ws')

/** The address as people read it. */
export const GATEWAY_NAME = SOCKET_URL.replace(/^wss?:\/\//, '')

/** The command that pushes a notification to this user, to be run in the repository's folder. */
export function pushCommand(user: string): string {
  const where = endpoint.href === DEFAULT_GATEWAY ? '' : ` --endpoint ${endpoint.href}`
  return `target/release/everwire-gateway send${where} --user ${user} '{"action":"notification","title":"Hi"}'`
}
