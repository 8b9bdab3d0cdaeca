import { refreshTokenIfNeeded } from 'axios-jwt'
import { WebSocketProvider } from 'everwire/react'
import { SOCKET_URL } from '../gateway.js'
import { useSession } from '../hooks/useSession.js'
import { requestRefresh } from '../tokens.js'
import { SignInPage } from './SignInPage.js'
import { Workbench } from './Workbench.js'

const fetchToken = () => refreshTokenIfNeeded(requestRefresh)

export function App() {
  const { user, wasEnded } = useSession()
  if (user === undefined) return <SignInPage wasEnded={wasEnded} />
  // The key: nothing of one user's is left for the next. No lingering: who signs out has no connection.
  return (
    <WebSocketProvider key={user} url={SOCKET_URL} token={fetchToken} user={user} lingerMs={0}>
      <Workbench user={user} />
    </WebSocketProvider>
  )
}
