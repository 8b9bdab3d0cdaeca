import { EverwireDevtools } from 'everwire/devtools'
import { useMessage } from 'everwire/react'
import { useExchange } from '../hooks/useExchange.js'
import { useNotifications } from '../hooks/useNotifications.js'
import { useTheme } from '../hooks/useTheme.js'
import { ActionPanel } from './ActionPanel.js'
import { ConnectionPanel } from './ConnectionPanel.js'
import { Masthead } from './Masthead.js'
import { NotificationPanel } from './NotificationPanel.js'
import { TimelinePanel } from './TimelinePanel.js'
import { TroublePanel } from './TroublePanel.js'
import './Workbench.css'

/** The page of somebody who is signed in. */
export function Workbench({ user }: { user: string }) {
  const [notifications, addNotification] = useNotifications()
  const { exchange, send, takeReply } = useExchange()
  const [theme] = useTheme()

  useMessage((message: unknown) => {
    if (!takeReply(message)) addNotification(message)
  })

  return (
    <div className="page">
      <Masthead user={user} />
      <main className="workbench">
        <ConnectionPanel user={user} />
        <TroublePanel />
        <NotificationPanel user={user} notifications={notifications} />
        <ActionPanel exchange={exchange} onSend={send} />
        <TimelinePanel />
      </main>
      <EverwireDevtools theme={theme} />
    </div>
  )
}
