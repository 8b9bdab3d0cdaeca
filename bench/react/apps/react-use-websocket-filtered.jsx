import { useState } from 'react'
import useWebSocketModule from 'react-use-websocket'
import { counts } from '../counts.js'
import { Shown } from '../shown.jsx'

const useWebSocket = useWebSocketModule.default ?? useWebSocketModule

/** With the options that its README has against needless renders: the hook passes nothing on, `onMessage` does. */
export function App({ url }) {
  counts.renders += 1
  const [shown, show] = useState({ count: 0 })
  useWebSocket(url, {
    filter: () => false,
    onMessage({ data }) {
      const latest = JSON.parse(data)
      show(({ count }) => ({ latest, count: count + 1 }))
    },
  })
  return <Shown {...shown} />
}
