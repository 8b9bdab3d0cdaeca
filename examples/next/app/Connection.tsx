'use client'

import type { ReactNode } from 'react'
import { WebSocketProvider } from 'everwire/react'
import { gateway, token } from './session'

/** Keeps the connection open on every page. */
export default function Connection({ children }: { children: ReactNode }) {
  return (
    <WebSocketProvider url={`ws://${gateway}/dev`} token={token}>
      {children}
    </WebSocketProvider>
  )
}
