import { createRoot } from 'react-dom/client'
import { configure } from 'everwire/react'
import App from './App.jsx'

configure({ url: new URLSearchParams(location.search).get('url') })
createRoot(document.getElementById('root')).render(<App />)
