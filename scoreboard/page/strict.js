import { createElement, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

/** Mounts the component as React's development mode does, twice; returns what unmounts it. */
export function mountStrictly(Component, { url, token }) {
  const root = createRoot(document.body.appendChild(document.createElement('div')))
  const props = { url, token: async () => token }
  root.render(createElement(StrictMode, null, createElement(Component, props)))
  return () => root.unmount()
}
