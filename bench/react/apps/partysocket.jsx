import { useState } from 'react'
import { useWebSocket } from 'partysocket/react'
import { counts } from '../counts.js'
import { Shown } from '../shown.jsx'

/** As its documentation has it: `onMessage` sets a state. */
export function App({ url }) {
  counts.renders += 1
  const [shown, show] = useState({ count: 0 })
  useWebSocket(url, [], {
    onMessage({ data }) {
      const latest = JSON.parse(data)
      show(({ count }) => ({ latest, count: count + 1 }))
    },
  })
  return <Shown {...shown} />
}
