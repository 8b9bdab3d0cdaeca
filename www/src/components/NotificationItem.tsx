import type { Notification } from '../hooks/useNotifications.js'
import { textOf } from '../message.js'
import { RelativeTime } from './RelativeTime.js'

const ONE_LINE = 80

/** A notification as people read it, or its JSON if it has neither title nor body. */
export function NotificationItem({ notification, now }: { notification: Notification; now: number }) {
  const { message, at } = notification
  const title = textOf(message, 'title')
  const body = textOf(message, 'body')
  const isReadable = title !== undefined || body !== undefined
  return (
    <li className="notification">
      <div className="notification-inner">
        <div className="notification-text">
          {title !== undefined && <h3>{title}</h3>}
          {body !== undefined && <p>{body}</p>}
          {!isReadable && <pre>{asText(message)}</pre>}
        </div>
        <RelativeTime at={at} now={now} />
      </div>
    </li>
  )
}

/** JSON, on one line if that is readable. */
function asText(message: unknown): string {
  const line = JSON.stringify(message)
  return line.length <= ONE_LINE ? line : JSON.stringify(message, null, 2)
}
