import { configure, useMessages } from 'everwire/react'
import { counts } from '../counts.js'
import { Shown } from '../shown.jsx'

/** `useMessages`, as it comes: it keeps a hundred, and counts those that it dropped. */
export function App({ url }) {
  configure({ url })
  return <Ticks />
}

function Ticks() {
  counts.renders += 1
  const { messages, dropped } = useMessages({ action: 'tick' })
  return <Shown count={dropped + messages.length} latest={messages.at(-1)?.message} />
}
