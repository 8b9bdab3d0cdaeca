import { useWebSocketClient } from 'everwire/react'
import { useState } from 'react'
import { useCloseOnSignOut } from '../hooks/useCloseOnSignOut.js'
import { useExchange } from '../hooks/useExchange.js'
import { useNotifications } from '../hooks/useNotifications.js'
import { ActionPanel } from './ActionPanel.js'
import { ConnectionPanel } from './ConnectionPanel.js'
import { Footer } from './Footer.js'
import { Masthead } from './Masthead.js'
import { NotificationPanel } from './NotificationPanel.js'
import { TimelinePanel } from './TimelinePanel.js'
import { TroublePanel } from './TroublePanel.js'
import './Workbench.css'

/** The page of somebody who is signed in. */
export function Workbench({ user }: { user: string }) {
  const [notifications, addNotification] = useNotifications()
  const { exchange, send, takeReply } = useExchange()
  const [sent, setSent] = useState(0)
  const [received, setReceived] = useState(0)

  const { client } = useWebSocketClient({
    onEvent: ({ message }) => {
      setReceived((count) => count + 1)
      if (!takeReply(message)) addNotification(message)
    },
  })
  useCloseOnSignOut(client)

  const sendMessage = (message: unknown): void => {
    void send(client, message).then((isSent) => isSent && setSent((count) => count + 1))
  }

  return (
    <div className="page">
      <Masthead user={user} />
      <main className="workbench">
        <ConnectionPanel client={client} user={user} sent={sent} received={received} />
        <TroublePanel client={client} />
        <NotificationPanel user={user} notifications={notifications} />
        <ActionPanel exchange={exchange} onSend={sendMessage} />
        <TimelinePanel client={client} />
      </main>
      <Footer />
    </div>
  )
}
