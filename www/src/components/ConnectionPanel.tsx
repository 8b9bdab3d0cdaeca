import { DevtoolsPanel } from 'everwire/devtools'
import { useClientEvent, useConnectionState, useMessages } from 'everwire/react'
import { useState } from 'react'
import { GATEWAY_NAME } from '../gateway.js'
import { useTheme } from '../hooks/useTheme.js'
import './ConnectionPanel.css'
import { Wire } from './Wire.js'

/** How the connection stands, in the largest type of the page, and what can be done to it. */
export function ConnectionPanel({ user }: { user: string }) {
  const status = useConnectionState((state) => state.status)
  const retryAt = useConnectionState((state) => state.retryAt)
  const [theme] = useTheme()
  const [sent, setSent] = useState(0)
  // Counts them, and renders once a frame.
  const { messages, dropped } = useMessages({ limit: 1 })

  useClientEvent('outgoing', ({ sent }) => {
    sent.then(
      () => setSent((count) => count + 1),
      // The devtools show what was dropped, and why.
      () => undefined,
    )
  })

  return (
    <section className="connection" aria-labelledby="connection-heading">
      <h2 id="connection-heading" className="visually-hidden">
        Connection
      </h2>
      <Wire
        status={status}
        here={`${user}, this page`}
        there={`gateway ${GATEWAY_NAME}`}
        retryAt={retryAt}
        sent={sent}
        received={dropped + messages.length}
      />
      <DevtoolsPanel sections={['state', 'controls']} theme={theme} className="connection-state" />
    </section>
  )
}
