import type { Notification } from '../hooks/useNotifications.js'
import { useNow } from '../hooks/useNow.js'
import { NotificationItem } from './NotificationItem.js'
import './NotificationPanel.css'
import { Panel } from './Panel.js'
import { PushCommand } from './PushCommand.js'

export function NotificationPanel(props: { user: string; notifications: readonly Notification[] }) {
  const { user, notifications } = props
  const now = useNow(1000)
  const isEmpty = notifications.length === 0
  return (
    <Panel title="Notifications" className="notifications" aside={<Count of={notifications.length} />}>
      {isEmpty && (
        <p className="notifications-empty">
          Nothing yet. Whatever the backend pushes to {user} arrives here, the moment it is sent.
        </p>
      )}
      {/* Focusable, because it scrolls. */}
      <div
        className="scroller"
        role="log"
        aria-label="Notifications"
        aria-relevant="additions"
        tabIndex={isEmpty ? -1 : 0}
      >
        <ol data-testid="notifications">
          {notifications.map((notification) => (
            <NotificationItem key={notification.key} notification={notification} now={now} />
          ))}
        </ol>
      </div>
      <PushCommand user={user} />
    </Panel>
  )
}

function Count({ of }: { of: number }) {
  return of > 0 && <span className="panel-aside">{of}</span>
}
