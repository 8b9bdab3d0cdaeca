import { useEffect, useState } from 'react'
import useWebSocketModule from 'react-use-websocket'
import { counts } from '../counts.js'
import { Shown } from '../shown.jsx'

// A CommonJS package: how its default export arrives depends on the bundler.
const useWebSocket = useWebSocketModule.default ?? useWebSocketModule

/** As its README begins: the hook gives the latest message, and an effect does something with each. */
export function App({ url }) {
  counts.renders += 1
  const { lastJsonMessage: latest } = useWebSocket(url)
  const [count, setCount] = useState(0)
  useEffect(() => {
    if (latest !== null) setCount((count) => count + 1)
  }, [latest])
  return <Shown count={count} latest={latest} />
}
