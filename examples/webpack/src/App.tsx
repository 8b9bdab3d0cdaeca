import { useState } from 'react'
import type { WSEvent } from 'everwire'
import useWebSocketClient, { configure, useConnectionState } from 'everwire/react'
import { gateway, token } from './session'

interface Notification {
  title: string
}

configure({ url: `ws://${gateway}/dev`, token })

export default function App() {
  const [titles, setTitles] = useState<string[]>([])
  const { client } = useWebSocketClient({
    onEvent: ({ message }: WSEvent<Notification>) => setTitles((all) => [...all, message.title]),
  })
  const { status } = useConnectionState()
  return (
    <main>
      <h1>Notifications</h1>
      <output>{status}</output>
      <button onClick={client.reconnect}>Reconnect</button>
      <ul>
        {titles.map((title, index) => (
          <li key={index}>{title}</li>
        ))}
      </ul>
    </main>
  )
}
