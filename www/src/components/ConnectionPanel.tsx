import type { WSClient } from 'everwire'
import { useConnectionState } from 'everwire/react'
import { connectionWord } from '../connectionWord.js'
import { GATEWAY_NAME } from '../gateway.js'
import './ConnectionPanel.css'
import { ConnectionFacts } from './ConnectionFacts.js'
import { Countdown } from './Countdown.js'
import { StatusAnnouncer } from './StatusAnnouncer.js'
import { Wire } from './Wire.js'

interface ConnectionPanelProps {
  client: WSClient
  user: string
  sent: number
  received: number
}

/** How the connection stands, in the largest type of the page. */
export function ConnectionPanel({ client, user, sent, received }: ConnectionPanelProps) {
  const state = useConnectionState({ client })
  const word = connectionWord(state.status)
  const { retryAt } = state

  return (
    <section className="connection" data-word={word} aria-labelledby="connection-heading">
      <h2 id="connection-heading" className="visually-hidden">
        Connection
      </h2>
      <div className="connection-head">
        <p className="connection-status" data-testid="status">
          <span className="connection-word">{word}</span>
          {retryAt !== undefined && (
            <>
              {' in '}
              <Countdown key={retryAt} until={retryAt} />
            </>
          )}
        </p>
        {(word === 'reconnecting' || word === 'disconnected') && (
          <button type="button" className="primary" data-testid="reconnect" onClick={client.reconnect}>
            {word === 'reconnecting' ? 'Reconnect now' : 'Connect'}
          </button>
        )}
      </div>
      <ConnectionFacts state={state} engine={client.engine} />
      <Wire
        word={word}
        here={`${user}, this page`}
        there={`gateway ${GATEWAY_NAME}`}
        retryAt={retryAt}
        sent={sent}
        received={received}
      />
      <StatusAnnouncer state={state} />
    </section>
  )
}
