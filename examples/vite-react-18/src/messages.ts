// What the server sends and what this app sends, declared once: all hooks know it.
declare module 'everwire' {
  interface Messages {
    incoming: { action: 'notification'; title: string }
  }
}

export {}
