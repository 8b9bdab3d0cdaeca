import { useState } from 'react'
import { configure, useConnectionState, useMessage } from 'everwire/react'
import { gateway, token } from './session'

configure({ url: `ws://${gateway}/dev`, token })

export default function App() {
  const [titles, setTitles] = useState<string[]>([])
  useMessage('notification', ({ title }) => setTitles((all) => [...all, title]))
  const status = useConnectionState((state) => state.status)
  return (
    <main>
      <h1>Notifications</h1>
      <output>{status}</output>
      <ul>
        {titles.map((title, index) => (
          <li key={index}>{title}</li>
        ))}
      </ul>
    </main>
  )
}
