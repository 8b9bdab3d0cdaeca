// Components that use the hooks, and handles by which a test mounts and changes them.
import { StrictMode, useState } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import useWebSocketClient, { configure, useConnectionState } from 'everwire/react'

const heard = []
const clients = new Set()
let renders = 0
// Arguments of the hook besides its handler.
let given = {}
let set

function Listener({ name }) {
  renders += 1
  const { client } = useWebSocketClient({
    ...given,
    // The gateway's question whether the user is there has no title.
    onEvent: ({ message }) => message.title && heard.push([name, message.title]),
  })
  clients.add(client)
  return null
}

function Status() {
  const { status } = useConnectionState()
  return <output>{status}</output>
}

function App() {
  const [names, setNames] = useState([])
  set = setNames
  return (
    <>
      <Status />
      {names.map((name, place) => (
        <Listener key={place} name={name} />
      ))}
    </>
  )
}

window.hooks = {
  heard,
  start(url, token) {
    configure({ url, token: () => token, lingerMs: 50 })
    createRoot(document.getElementById('root')).render(
      <StrictMode>
        <App />
      </StrictMode>,
    )
  },
  mount: (...names) => flushSync(() => set(names)),
  give(url, token) {
    given = { url, token: token && (() => token) }
  },
  clients: () => clients.size,
  renders: () => renders,
}
