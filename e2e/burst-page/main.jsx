// One component for each hook that receives, and counts of what they get and render.
import { createRoot } from 'react-dom/client'
import { useLatest, useMessage, useMessages, useConnectionState, WebSocketProvider } from 'everwire/react'

const counts = (window.counts = {
  frames: 0,
  heard: [],
  renders: { useMessage: 0, useLatest: 0, useMessages: 0 },
})

function countFrames() {
  counts.frames += 1
  requestAnimationFrame(countFrames)
}

function Handler() {
  counts.renders.useMessage += 1
  useMessage('tick', ({ n }) => counts.heard.push(n))
  return null
}

function Latest() {
  counts.renders.useLatest += 1
  return <output id="latest">{useLatest('tick', ({ n }) => n)}</output>
}

function List() {
  counts.renders.useMessages += 1
  const { messages, dropped } = useMessages({ limit: 20 })
  return (
    <>
      <output id="dropped">{dropped}</output>
      <ul>
        {messages.map(({ key, message }) => (
          <li key={key}>{message.n}</li>
        ))}
      </ul>
    </>
  )
}

const Status = () => <output id="status">{useConnectionState(({ status }) => status)}</output>

const url = new URLSearchParams(location.search).get('url')
createRoot(document.getElementById('root')).render(
  <WebSocketProvider url={url}>
    <Status />
    <Handler />
    <Latest />
    <List />
  </WebSocketProvider>,
)
countFrames()
