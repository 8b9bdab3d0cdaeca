import { Fragment, type ReactNode } from 'react'
import { pushCommand } from '../gateway.js'
import { CopyButton } from './CopyButton.js'

/** How to push a notification to this page. */
export function PushCommand({ user }: { user: string }) {
  const command = pushCommand(user)
  return (
    <div className="push-command">
      <div className="push-command-head">
        <h3>Push one, from a terminal in the repository</h3>
        <CopyButton text={command} />
      </div>
      <pre>
        <code>{unbroken(command)}</code>
      </pre>
    </div>
  )
}

/** The command, with line breaks only between its arguments where there is room for that. */
function unbroken(command: string): ReactNode {
  return command.split(/ (?=--|')/).map((part, index) => (
    <Fragment key={part}>
      {index > 0 && ' '}
      <span>{part}</span>
    </Fragment>
  ))
}
