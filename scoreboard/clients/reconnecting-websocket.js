import ReconnectingWebSocket from 'reconnecting-websocket'
import { standardSocket } from './standard-socket.js'

export const make = (place, say) => standardSocket(ReconnectingWebSocket, place, say)
