'use client'

import { useState } from 'react'
import { useConnectionState, useMessage } from 'everwire/react'

interface Notification {
  title: string
}

export default function Notifications() {
  const [titles, setTitles] = useState<string[]>([])
  useMessage('notification', ({ title }: Notification) => setTitles((all) => [...all, title]))
  const status = useConnectionState((state) => state.status)
  return (
    <>
      <output>{status}</output>
      <ul>
        {titles.map((title, index) => (
          <li key={index}>{title}</li>
        ))}
      </ul>
    </>
  )
}
