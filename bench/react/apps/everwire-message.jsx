import { useState } from 'react'
import { configure, useMessage } from 'everwire/react'
import { counts } from '../counts.js'
import { Shown } from '../shown.jsx'

/** `useMessage`, whose handler sets a state: React renders when it likes. */
export function App({ url }) {
  configure({ url })
  return <Ticks />
}

function Ticks() {
  counts.renders += 1
  const [shown, show] = useState({ count: 0 })
  useMessage('tick', (latest) => show(({ count }) => ({ latest, count: count + 1 })))
  return <Shown {...shown} />
}
