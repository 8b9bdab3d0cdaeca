import type { ReactNode } from 'react'
import Connection from './Connection'

export const metadata = { title: 'Notifications' }

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <Connection>{children}</Connection>
      </body>
    </html>
  )
}
