import { useState, type SyntheticEvent } from 'react'
import type { Exchange } from '../hooks/useExchange.js'
import { parseMessage, textOf } from '../message.js'
import './ActionPanel.css'
import { ActionReply } from './ActionReply.js'
import { Panel } from './Panel.js'

/** What the box begins with, by the route that answers it. */
const TEMPLATES = {
  ping: '{ "action": "ping" }',
  echo: '{ "action": "echo", "text": "Is anybody there?" }',
  json: '{ "action": "markRead", "id": 7 }',
} as const

type Kind = keyof typeof TEMPLATES

/** A box for a message to the backend, and the reply. */
export function ActionPanel({
  exchange,
  onSend,
}: {
  exchange: Exchange
  onSend: (message: unknown) => void
}) {
  const [text, setText] = useState<string>(TEMPLATES.ping)
  const [problem, setProblem] = useState<string>()

  const edit = (next: string): void => {
    setText(next)
    setProblem(undefined)
  }

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    const parsed = parseMessage(text)
    if ('problem' in parsed) setProblem(`This is not JSON. ${parsed.problem}`)
    else onSend(parsed.message)
  }

  return (
    <Panel title="Send an action" className="action">
      <form onSubmit={submit}>
        <div className="action-row">
          <label htmlFor="action-kind">Action</label>
          <select
            id="action-kind"
            data-testid="action-kind"
            value={kindOf(text)}
            onChange={(event) => edit(TEMPLATES[event.target.value as Kind])}
          >
            <option value="ping">ping</option>
            <option value="echo">echo</option>
            <option value="json">free JSON</option>
          </select>
        </div>
        <label className="visually-hidden" htmlFor="action-message">
          Message, as JSON
        </label>
        <div className="action-row">
          <textarea
            id="action-message"
            data-testid="action-message"
            rows={2}
            spellCheck={false}
            value={text}
            onChange={(event) => edit(event.target.value)}
            aria-invalid={problem !== undefined}
            aria-describedby="action-problem"
          />
          <button type="submit" className="primary" data-testid="send-action">
            Send
          </button>
        </div>
        <p id="action-problem" className="problem" role="alert">
          {problem}
        </p>
      </form>
      <ActionReply exchange={exchange} />
    </Panel>
  )
}

function kindOf(text: string): Kind {
  const parsed = parseMessage(text)
  const action = 'message' in parsed ? textOf(parsed.message, 'action') : undefined
  return action === 'ping' || action === 'echo' ? action : 'json'
}
