import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { WSClient } from '../client.js'
import { useClient, type AnyClient } from './client-of.js'
import { CORNER_CSS } from './corner-style.js'
import { DevtoolsPanel } from './lazy-panel.js'
import { recorderOf } from './recorder.js'
import { Shadow } from './shadow.js'
import type { DevtoolsTheme } from './theme.js'
import { useStatus } from './use-status.js'
import { wordOf } from './words.js'

/** What {@link EverwireDevtools} takes. */
export interface EverwireDevtoolsProps {
  /**
   * The client to show. It is neither opened nor kept open.
   * @default that of the nearest `WebSocketProvider`, else the one that `configure()` describes
   */
  client?: AnyClient | undefined
  /** Whether the panel is open at first. @default false */
  initialIsOpen?: boolean | undefined
  /** Where the button is. @default 'bottom-right' */
  position?: 'bottom-right' | 'bottom-left' | 'top-right' | 'top-left' | undefined
  /** @default 'system': as the user's system prefers */
  theme?: DevtoolsTheme | undefined
}

/**
 * A button in the corner of the page, in the colour of the connection's state, that opens a panel: what the
 * connection does and why, the messages in and out, what waits to be sent, and buttons to drop and to reconnect.
 *
 * Only the button is loaded with the page, the panel when it is opened first. The button records the latest 200
 * messages from when it is mounted, so that the panel has what came before it was opened. To leave it out of
 * production, mount it under a condition that your bundler knows: see the example.
 *
 * @example
 * ```tsx
 * import { EverwireDevtools } from 'everwire/devtools'
 *
 * // Vite: import.meta.env.DEV; webpack, Next.js, Parcel: process.env.NODE_ENV !== 'production'
 * export function Tools({ isDevelopment }: { isDevelopment: boolean }) {
 *   return isDevelopment && <EverwireDevtools />
 * }
 * ```
 */
export function EverwireDevtools(props: EverwireDevtoolsProps): ReactNode {
  const { client: given, initialIsOpen = false, position = 'bottom-right', theme = 'system' } = props
  const { client } = useClient(given)
  const [isOpen, setOpen] = useState(initialIsOpen)
  const focused = useFocusOf(isOpen)

  useEffect(() => client && recorderOf(client).record(), [client])

  return (
    <Shadow css={CORNER_CSS} theme={theme}>
      {isOpen ? (
        <Drawer position={position} focused={focused} onClose={() => setOpen(false)}>
          <DevtoolsPanel client={client} theme={theme} className="panel" />
        </Drawer>
      ) : (
        <CornerButton client={client} position={position} focused={focused} onOpen={() => setOpen(true)} />
      )}
    </Shadow>
  )
}

/** Where what has the focus registers itself. */
type Focused = (element: HTMLElement | null) => void

/** Moves the focus to what takes the place of the other, when the user has opened or closed it. */
function useFocusOf(isOpen: boolean): Focused {
  const wasOpen = useRef(isOpen)
  return (element) => {
    if (element && wasOpen.current !== isOpen) element.focus()
    if (element) wasOpen.current = isOpen
  }
}

interface CornerButtonProps {
  client: WSClient | undefined
  position: string
  focused: Focused
  onOpen: () => void
}

function CornerButton({ client, position, focused, onOpen }: CornerButtonProps): ReactNode {
  const status = useStatus(client)
  const label = `Everwire devtools: ${client ? wordOf(status) : 'no client'}`
  return (
    <button
      type="button"
      ref={focused}
      className="corner"
      data-position={position}
      data-tone={status}
      aria-expanded={false}
      aria-label={label}
      title={label}
      onClick={onOpen}
    >
      <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
        <path
          d="M18 5H5v14h13M5 12h7"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinejoin="round"
        />
        <g fill="currentColor">
          <circle cx="19" cy="5" r="2" />
          <circle cx="13" cy="12" r="2" />
          <circle cx="19" cy="19" r="2" />
        </g>
      </svg>
    </button>
  )
}

interface DrawerProps {
  position: string
  focused: Focused
  onClose: () => void
  children: ReactNode
}

function Drawer({ position, focused, onClose, children }: DrawerProps): ReactNode {
  const closeByKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    event.preventDefault()
    onClose()
  }
  return (
    <section
      className="drawer"
      data-position={position}
      aria-label="Everwire devtools"
      onKeyDown={closeByKey}
    >
      <header>
        <p className="title">Everwire devtools</p>
        <button
          type="button"
          ref={focused}
          onClick={onClose}
          aria-label="Close the devtools"
          title="Close (Esc)"
        >
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />
          </svg>
        </button>
      </header>
      {children}
    </section>
  )
}
