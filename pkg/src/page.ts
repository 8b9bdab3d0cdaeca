import { HIDDEN, OFFLINE, ONLINE, RESUMED, SHOWN, STORED, VISIBLE } from './machine.js'

interface PageGlobals {
  readonly document?: Document
  readonly navigator?: { readonly onLine?: boolean }
}

/**
 * Tells what the page goes through, at first what it is like now. Everything is read when it happens, never
 * remembered. Outside of a page there is less to tell: a worker has a network, Node has neither.
 *
 * @returns ends it
 */
export function watchPage(tell: (event: number) => void): () => void {
  const { document, navigator } = globalThis as PageGlobals
  const ends: (() => void)[] = []
  // Without a signal, which jsdom takes from nobody but itself.
  const on = (target: EventTarget, type: string, listener: (event: Event) => void): void => {
    target.addEventListener(type, listener)
    ends.push(() => target.removeEventListener(type, listener))
  }
  const window = globalThis as unknown as EventTarget
  const hasEvents = typeof addEventListener === 'function'
  const network = (): void => tell(navigator?.onLine === false ? OFFLINE : ONLINE)
  const visibility = (): void => tell(document?.visibilityState === 'hidden' ? HIDDEN : VISIBLE)
  const shown = (): void => tell((document as { prerendering?: boolean }).prerendering ? STORED : SHOWN)

  network()
  if (hasEvents) {
    on(window, 'online', network)
    on(window, 'offline', network)
  }
  if (document && hasEvents) {
    visibility()
    shown()
    on(document, 'visibilitychange', visibility)
    on(document, 'resume', () => tell(RESUMED))
    on(document, 'prerenderingchange', shown)
    // A page with an open socket is not kept for going back to it.
    on(window, 'pagehide', () => tell(STORED))
    on(window, 'pageshow', (event) => {
      if ((event as PageTransitionEvent).persisted) tell(SHOWN)
    })
  }
  return () => ends.forEach((end) => end())
}
