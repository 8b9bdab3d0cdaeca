import { useSession } from '../hooks/useSession.js'
import { SignInPage } from './SignInPage.js'
import { Workbench } from './Workbench.js'

export function App() {
  const { user, wasEnded } = useSession()
  // The key: nothing of one user's is left for the next.
  return user === undefined ? <SignInPage wasEnded={wasEnded} /> : <Workbench key={user} user={user} />
}
