// Renders the app that the query names, with the URL that it names, and counts the frames that are painted.
import { createRoot } from 'react-dom/client'
import { countFrames } from './counts.js'

const apps = {
  'everwire-latest': () => import('./apps/everwire-latest.jsx'),
  'everwire-messages': () => import('./apps/everwire-messages.jsx'),
  'everwire-message': () => import('./apps/everwire-message.jsx'),
  'react-use-websocket': () => import('./apps/react-use-websocket.jsx'),
  'react-use-websocket-filtered': () => import('./apps/react-use-websocket-filtered.jsx'),
  partysocket: () => import('./apps/partysocket.jsx'),
  'plain-socket': () => import('./apps/plain-socket.jsx'),
}

const query = new URLSearchParams(location.search)
const { App } = await apps[query.get('app')]()
countFrames()
createRoot(document.getElementById('root')).render(<App url={query.get('url')} />)
