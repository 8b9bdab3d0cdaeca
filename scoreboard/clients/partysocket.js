import { WebSocket } from 'partysocket'
import { useWebSocket } from 'partysocket/react'
import { standardSocket } from './standard-socket.js'

export const make = (place, say) => standardSocket(WebSocket, place, say)

export function Component({ url, token }) {
  useWebSocket(async () => `${url}?token=${await token()}`)
  return null
}
