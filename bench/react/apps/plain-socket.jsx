import { useEffect, useState } from 'react'
import { counts } from '../counts.js'
import { Shown } from '../shown.jsx'

/** The floor: a browser's socket, `JSON.parse`, and one state per frame; it does not reconnect. */
export function App({ url }) {
  counts.renders += 1
  const [shown, show] = useState({ count: 0 })
  useEffect(() => {
    const socket = new WebSocket(url)
    let [count, latest, frame] = [0]
    const paint = () => {
      frame = undefined
      show({ count, latest })
    }
    socket.onmessage = ({ data }) => {
      latest = JSON.parse(data)
      count += 1
      frame ??= requestAnimationFrame(paint)
    }
    return () => socket.close()
  }, [url])
  return <Shown {...shown} />
}
