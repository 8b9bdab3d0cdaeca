/**
 * A panel that shows what a client does, to be dropped into any React app (18 or 19) while developing.
 *
 * It hides what looks like a secret: a token, a password, a URL's query. It cannot know every secret. Its styles stay in a shadow root. It needs `react-dom`.
 *
 * @example
 * ```tsx
 * import { EverwireDevtools } from 'everwire/devtools'
 *
 * export function Tools({ isDevelopment }: { isDevelopment: boolean }) {
 *   return isDevelopment && <EverwireDevtools />
 * }
 * ```
 *
 * @module everwire/devtools
 */

'use client'

export { EverwireDevtools, type EverwireDevtoolsProps } from './devtools/corner.js'
export { DevtoolsPanel, type DevtoolsPanelProps } from './devtools/lazy-panel.js'
export type { Section } from './devtools/panel.js'
export type { DevtoolsTheme } from './devtools/theme.js'
