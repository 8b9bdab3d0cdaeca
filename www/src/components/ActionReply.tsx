import type { Exchange } from '../hooks/useExchange.js'

/** What became of the message. */
export function ActionReply({ exchange }: { exchange: Exchange }) {
  return (
    <div className="action-reply" data-stage={exchange.stage} data-testid="action-reply" aria-live="polite">
      <Became exchange={exchange} />
    </div>
  )
}

function Became({ exchange }: { exchange: Exchange }) {
  switch (exchange.stage) {
    case 'idle':
      return <p className="hint">The reply comes here, with its round trip.</p>
    case 'waiting':
      return <p className="hint">Kept until there is a connection…</p>
    case 'sent':
      return <p className="hint">Sent, waiting for the reply…</p>
    case 'failed':
      return <p className="problem">{exchange.why}</p>
    case 'replied':
      return (
        <>
          <p className="round-trip">
            <span>Reply</span> {exchange.roundTripMs.toFixed(exchange.roundTripMs < 10 ? 1 : 0)} ms
          </p>
          <pre tabIndex={0} aria-label="Reply">
            {JSON.stringify(exchange.reply, null, 2)}
          </pre>
        </>
      )
  }
}
