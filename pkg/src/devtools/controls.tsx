import { useState, type ReactNode } from 'react'
import { textOf } from '../error.js'
import type { SectionProps } from './panel.js'

/** Buttons that do to the connection what a network, a server or the app might. */
export function Controls({ client }: SectionProps): ReactNode {
  const [told, setToldOf] = useState({ text: '', of: '' })
  const { status } = client.state
  /** What was told of one socket is not left standing beside another. */
  const of = (): string => `${client.state.status} ${String(client.state.generation)}`
  const setTold = (text: string): void => setToldOf({ text, of: of() })
  const isOpen = status === 'open'
  const isClosed = status === 'closed'

  const rotate = (): void => {
    setTold('Another socket is being opened…')
    client.rotate().then(
      () => setTold('Another socket has taken over.'),
      (error: unknown) => setTold(textOf(error)),
    )
  }
  const copy = (): void => {
    const explanation = client.explain()
    if (!explanation) return setTold('There is nothing to explain yet.')
    // Not there on pages without https.
    const { clipboard } = navigator as Partial<Navigator>
    const refused = (): void => setTold('The browser does not allow copying here.')
    if (!clipboard) return refused()
    clipboard.writeText(String(explanation)).then(() => setTold('The explanation is copied.'), refused)
  }
  const act = (action: () => unknown) => (): void => {
    setTold('')
    void action()
  }

  return (
    <div className="controls section" role="group" aria-label="Controls">
      <h2 className="visually-hidden">Controls</h2>
      <div className="buttons">
        <Action name="Drop" isPossible={isOpen} onDo={act(client.drop)}>
          Lose the socket, as if the network had
        </Action>
        <Action name="Reconnect" onDo={act(client.reconnect)}>
          A new socket with a fresh token, now
        </Action>
        <Action name="Rotate" isPossible={isOpen} onDo={rotate}>
          A second socket takes over without a gap
        </Action>
        <Action name={isClosed ? 'Open' : 'Close'} onDo={act(isClosed ? client.open : client.close)}>
          {isClosed ? 'Connect, and stay connected' : 'Disconnect until it is opened again'}
        </Action>
        <Action name="Copy explanation" onDo={copy}>
          The last transitions and the counters, for a bug report
        </Action>
        <p className="told" role="status">
          {told.of === of() && told.text}
        </p>
      </div>
    </div>
  )
}

interface ActionProps {
  name: string
  isPossible?: boolean
  onDo: () => void
  /** What it does. */
  children: string
}

/** Not `disabled` where it is of no use: the keyboard's focus would be lost when the state changes. */
function Action({ name, isPossible = true, onDo, children }: ActionProps): ReactNode {
  return (
    <button
      type="button"
      title={children}
      aria-disabled={!isPossible}
      onClick={isPossible ? onDo : undefined}
      part="button"
    >
      {name}
    </button>
  )
}
