import { useRef } from 'react'
import { configure, useLatest } from 'everwire/react'
import { counts } from '../counts.js'
import { Shown } from '../shown.jsx'

/** `useLatest`: the selector sees every message, so it can count them. */
export function App({ url }) {
  configure({ url })
  return <Ticks />
}

function Ticks() {
  counts.renders += 1
  const count = useRef(0)
  const shown = useLatest('tick', (latest) => ({ latest, count: ++count.current }))
  return <Shown {...shown} />
}
