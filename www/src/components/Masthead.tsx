import { signOut } from '../session.js'
import { Mark } from './Mark.js'
import './Masthead.css'
import { ThemeToggle } from './ThemeToggle.js'

export function Masthead({ user }: { user?: string }) {
  return (
    <header className="masthead">
      <Mark />
      <h1>
        Everwire <span className="masthead-demo">demo</span>
      </h1>
      {user !== undefined && (
        <p className="masthead-user">
          <span className="masthead-label">Signed in as </span>
          <strong>{user}</strong>
        </p>
      )}
      <ThemeToggle />
      {user !== undefined && (
        <button type="button" data-testid="sign-out" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </header>
  )
}
