import { useCallback, useState, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import type { DevtoolsTheme } from './theme.js'

const sheets = new Map<string, CSSStyleSheet>()

/** What {@link Shadow} takes. */
interface ShadowProps {
  css: string
  theme: DevtoolsTheme
  className?: string | undefined
  children: ReactNode
}

/**
 * Renders its children into a shadow root: no style gets out of it or in. On a server there is none, so nothing
 * is rendered there.
 */
export function Shadow({ css, theme, className, children }: ShadowProps): ReactNode {
  const [root, setRoot] = useState<ShadowRoot>()
  const attach = useCallback(
    (host: HTMLElement | null) => {
      // StrictMode attaches twice, and a host has one root for ever.
      if (host) setRoot(host.shadowRoot ?? styled(host.attachShadow({ mode: 'open' }), css))
    },
    [css],
  )
  const content = (
    <div className="root" data-theme={theme}>
      {children}
    </div>
  )
  return (
    <div ref={attach} className={className}>
      {root && createPortal(content, root)}
    </div>
  )
}

/** By a constructed sheet, which a Content-Security-Policy allows; by an element where there is none. */
function styled(root: ShadowRoot, css: string): ShadowRoot {
  const { CSSStyleSheet: Sheet } = globalThis as Partial<typeof globalThis>
  if (Sheet && 'replaceSync' in Sheet.prototype && 'adoptedStyleSheets' in root) {
    let sheet = sheets.get(css)
    if (!sheet) {
      sheet = new Sheet()
      sheet.replaceSync(css)
      sheets.set(css, sheet)
    }
    root.adoptedStyleSheets = [sheet]
  } else {
    root.append(Object.assign(document.createElement('style'), { textContent: css }))
  }
  return root
}
