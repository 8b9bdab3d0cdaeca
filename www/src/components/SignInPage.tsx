import { GATEWAY_NAME } from '../gateway.js'
import { Masthead } from './Masthead.js'
import { SignInForm } from './SignInForm.js'
import './SignInPage.css'
import { Wire } from './Wire.js'

/** The page of somebody who is not signed in: the same wire, not connected yet. */
export function SignInPage({ wasEnded }: { wasEnded: boolean }) {
  return (
    <div className="page">
      <Masthead />
      <main className="sign-in-page">
        <div className="sign-in-words">
          <h2>
            Break this connection.
            <br />
            It comes back.
          </h2>
          <p>
            Sign in, and this page opens a WebSocket to the gateway on your machine. Push yourself a
            notification. Then drop the connection, refuse its handshakes, let its token expire, or stop the
            gateway, and watch what it does about it.
          </p>
        </div>
        <SignInForm wasEnded={wasEnded} />
        <div className="sign-in-wire">
          <Wire status="closed" here="you, this page" there={`gateway ${GATEWAY_NAME}`} />
        </div>
      </main>
    </div>
  )
}
