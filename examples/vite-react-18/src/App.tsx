import { configure, useConnectionState, useMessages } from 'everwire/react'
import { gateway, token } from './session'

configure({ url: `ws://${gateway}/dev`, token })

export default function App() {
  const { messages } = useMessages({ action: 'notification', limit: 50 })
  const status = useConnectionState((state) => state.status)
  return (
    <main>
      <h1>Notifications</h1>
      <output>{status}</output>
      <ul>
        {messages.map(({ key, message }) => (
          <li key={key}>{message.title}</li>
        ))}
      </ul>
    </main>
  )
}
