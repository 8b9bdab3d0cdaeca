import { useConnectionState, useMessage, useMessages } from 'everwire/react'

export default function App() {
  const { status } = useConnectionState()
  const { messages } = useMessages()
  useMessage((title) => (document.title = `old ${title}`))
  return (
    <>
      <h1>old</h1>
      <output>{status}</output>
      <p>{messages.map(({ message }) => message).join(' ')}</p>
    </>
  )
}
