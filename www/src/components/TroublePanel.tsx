import { useWebSocketClient } from 'everwire/react'
import { useState } from 'react'
import { explainFailure } from '../explainFailure.js'
import { expireToken, refuseHandshakes } from '../troubles.js'
import { Panel } from './Panel.js'
import { Trouble } from './Trouble.js'
import './TroublePanel.css'

/** Troubles that the gateway makes, to see what the connection does about them. */
export function TroublePanel() {
  const { client } = useWebSocketClient()
  const [told, setTold] = useState<{ text: string; isProblem: boolean }>()
  const [refusals, setRefusals] = useState('3')

  const make = (trouble: () => Promise<string>): void => {
    trouble().then(
      (text) => setTold({ text, isProblem: false }),
      (error: unknown) => setTold({ text: explainFailure(error), isProblem: true }),
    )
  }

  return (
    <Panel title="Make trouble" className="trouble-panel">
      <p className={told?.isProblem ? 'problem' : 'trouble-told'} role="status">
        {told?.text ?? 'Watch what the connection does about it.'}
      </p>
      <ul className="troubles">
        <Trouble
          id="refuse"
          name="Refuse handshakes"
          effect="The gateway answers the next ones with 503. Then drop the connection: each wait is longer than the last."
          onMake={() => make(() => refuseHandshakes(Number(refusals)))}
        >
          <input
            type="number"
            data-testid="refuse-count"
            aria-label="How many handshakes to refuse"
            min={0}
            max={100}
            required
            value={refusals}
            onChange={(event) => setRefusals(event.target.value)}
          />
        </Trouble>
        <Trouble
          id="expire-token"
          name="Let my token expire"
          effect="Puts an expired one in its place and drops the connection: the retry gets a fresh one first."
          onMake={() => make(() => expireToken(client))}
        />
        <li className="trouble-gateway">
          <p>
            <strong>The worst of all: stop the gateway.</strong>
          </p>
          <p className="hint">
            Type <kbd>g</kbd> and Enter in the terminal of <code>npm start</code>, and once more to start it
            again.
          </p>
        </li>
      </ul>
    </Panel>
  )
}
