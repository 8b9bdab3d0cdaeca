// A document for React, on `globalThis`. To be imported before React and the hooks, which look for it once.
import { JSDOM } from 'jsdom'

const { window } = new JSDOM('<!doctype html>', { url: 'http://localhost/', pretendToBeVisual: true })
const { document, requestAnimationFrame, cancelAnimationFrame, Node, HTMLElement, HTMLIFrameElement } = window
Object.assign(globalThis, {
  window,
  document,
  requestAnimationFrame: requestAnimationFrame.bind(window),
  cancelAnimationFrame: cancelAnimationFrame.bind(window),
  Node,
  HTMLElement,
  HTMLIFrameElement,
})
Object.defineProperty(globalThis, 'navigator', { value: window.navigator, configurable: true })

/** Ends its timers, so that the process can end. */
export const closeWindow = () => window.close()
