import { memo, useId, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { DeliveryState } from '../delivery.js'
import { Clock } from './clock-time.js'
import { maskedText } from './masking.js'
import { messageText, sizeText, wholeText } from './message-text.js'
import type { SectionProps } from './panel.js'
import { KEPT, type Recorded, type Recorder, type Recording } from './recorder.js'

type Direction = 'both' | Recorded['direction']

/** The messages in and out, newest first. */
export function MessageLog({ recorder, recording }: SectionProps): ReactNode {
  const [direction, setDirection] = useState<Direction>('both')
  const [filter, setFilter] = useState('')
  const { messages } = recording
  const wanted = filter.trim().toLowerCase()
  const shown = messages.filter(
    (recorded) =>
      (direction === 'both' || recorded.direction === direction) &&
      (wanted === '' || messageText(recorded).preview.toLowerCase().includes(wanted)),
  )
  return (
    <div className="messages section" role="group" aria-label="Messages">
      <div className="head">
        <h2 part="heading">Messages</h2>
        <p className="aside">{aboutKept(recording, shown.length)}</p>
      </div>
      <Toolbar {...{ recorder, recording, direction, setDirection, filter, setFilter }} />
      {shown.length === 0 && (
        <p className="empty">
          {messages.length === 0
            ? 'None yet. Whatever is sent or arrives from now on is shown here.'
            : 'None of those that are kept fits the filter.'}
        </p>
      )}
      {/* Focusable, because it scrolls. */}
      <div className="scroller" role="group" aria-label="Messages, newest first" tabIndex={0} part="list">
        <ol>
          {shown
            .map((recorded) => <Row key={recorded.key} recorded={recorded} state={recorded.sent?.state} />)
            .reverse()}
        </ol>
      </div>
    </div>
  )
}

/** How many there are, and what is missing. */
function aboutKept({ messages, droppedMessages, passed, isPaused }: Recording, shown: number): string {
  const parts = [shown === messages.length ? String(shown) : `${String(shown)} of ${String(messages.length)}`]
  if (droppedMessages > 0)
    parts.push(`${String(droppedMessages)} older dropped (the last ${String(KEPT)} are kept)`)
  if (isPaused) parts.push(`paused, ${String(passed)} passed unrecorded`)
  return parts.join(' · ')
}

interface ToolbarProps {
  recorder: Recorder
  recording: Recording
  direction: Direction
  setDirection: (direction: Direction) => void
  filter: string
  setFilter: (filter: string) => void
}

function Toolbar(props: ToolbarProps): ReactNode {
  const { recorder, recording, direction, setDirection, filter, setFilter } = props
  const { isPaused } = recording
  const id = useId()
  const emptyByKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || filter === '') return
    // Else it would close the panel, too.
    event.preventDefault()
    setFilter('')
  }
  return (
    <div className="toolbar">
      <label className="visually-hidden" htmlFor={`${id}-filter`}>
        Show only messages that contain
      </label>
      <input
        id={`${id}-filter`}
        type="search"
        placeholder="Filter"
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
        onKeyDown={emptyByKey}
      />
      <label className="visually-hidden" htmlFor={`${id}-direction`}>
        Direction
      </label>
      <select
        id={`${id}-direction`}
        value={direction}
        onChange={(event) => setDirection(event.target.value as Direction)}
      >
        <option value="both">in and out</option>
        <option value="in">in</option>
        <option value="out">out</option>
      </select>
      <button type="button" aria-pressed={isPaused} onClick={() => recorder.pause(!isPaused)}>
        Pause
      </button>
      <button type="button" onClick={recorder.clear}>
        Clear
      </button>
    </div>
  )
}

/** `state` beside the message, since that changes inside it. */
const Row = memo(function Row(props: { recorded: Recorded; state: DeliveryState | undefined }) {
  const { recorded, state } = props
  const [isOpen, setOpen] = useState(false)
  const { preview, bytes } = messageText(recorded)
  const { at, direction, problem } = recorded
  const became = state ?? (problem === undefined ? undefined : 'invalid')
  return (
    <li className="message" data-direction={direction}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span className="direction">{direction === 'in' ? '← in' : '→ out'}</span>
          <Clock at={at} />
          <code className="preview">{preview}</code>
          {became !== undefined && (
            <span className="became" data-became={became}>
              {became}
            </span>
          )}
          <span className="size">{bytes === undefined ? 'no JSON' : sizeText(bytes)}</span>
        </summary>
        {isOpen && (
          <>
            {problem !== undefined && <p className="problem">{maskedText(problem)}</p>}
            <pre tabIndex={0} aria-label="The message">
              {wholeText(recorded)}
            </pre>
          </>
        )}
      </details>
    </li>
  )
})
