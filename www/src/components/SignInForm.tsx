import { useActionState, useState } from 'react'
import { explainFailure } from '../explainFailure.js'
import { signIn } from '../session.js'

const ENDED = 'Your session has ended: the gateway does not know your tokens any more.'

/** Signs in with a name and nothing else: it is a demo. */
export function SignInForm({ wasEnded }: { wasEnded: boolean }) {
  const [user, setUser] = useState('alice')
  const [problem, submit, isBusy] = useActionState(() => trySignIn(user.trim()), wasEnded ? ENDED : '')
  return (
    <form className="sign-in-form" action={submit}>
      <label htmlFor="user">Your name</label>
      <input
        id="user"
        data-testid="user"
        type="text"
        value={user}
        onChange={(event) => setUser(event.target.value)}
        required
        maxLength={64}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        aria-describedby="user-hint"
      />
      <p id="user-hint" className="hint">
        Any name will do, and there is no password. In a private window you can be somebody else at the same
        time.
      </p>
      <button type="submit" className="primary" data-testid="sign-in" disabled={isBusy}>
        {isBusy ? 'Signing in…' : 'Sign in'}
      </button>
      <p className="problem" role="alert">
        {problem}
      </p>
    </form>
  )
}

/** Gives the problem, or nothing. */
async function trySignIn(user: string): Promise<string> {
  try {
    await signIn(user)
    return ''
  } catch (error) {
    return explainFailure(error)
  }
}
