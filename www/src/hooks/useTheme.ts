import { useSyncExternalStore } from 'react'
import { storage } from '../storage.js'

export type Theme = 'light' | 'dark'

/** Read by the script in index.html, too. */
const KEY = 'everwire-demo-theme'

const system = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

/** The theme on the screen, and how to choose the other one. What the system prefers is not stored. */
export function useTheme(): [theme: Theme, choose: (theme: Theme) => void] {
  return [useSyncExternalStore(subscribe, themeOnScreen), choose]
}

function themeOnScreen(): Theme {
  const chosen = document.documentElement.dataset.theme
  if (chosen === 'light' || chosen === 'dark') return chosen
  return preferred()
}

function preferred(): Theme {
  return system.matches ? 'dark' : 'light'
}

function choose(theme: Theme): void {
  if (theme === preferred()) {
    storage.removeItem(KEY)
    document.documentElement.dataset.theme = 'system'
  } else {
    storage.setItem(KEY, theme)
    document.documentElement.dataset.theme = theme
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  system.addEventListener('change', listener)
  return () => {
    listeners.delete(listener)
    system.removeEventListener('change', listener)
  }
}
