import type { WSClient } from 'everwire'
import { useState } from 'react'
import { explainFailure } from '../explainFailure.js'
import { dropConnection, expireToken, refuseHandshakes, replaceSocket } from '../troubles.js'
import { Panel } from './Panel.js'
import { Trouble } from './Trouble.js'
import './TroublePanel.css'

/** Buttons that make trouble, to see what the connection does about it. */
export function TroublePanel({ client }: { client: WSClient }) {
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
        {told?.text ?? 'Watch the wire above.'}
      </p>
      <ul className="troubles">
        <Trouble
          id="drop"
          name="Drop my connection"
          effect="Cuts the socket without a goodbye, as a lost network does. The first retry is due within a second."
          onMake={() => make(dropConnection)}
        />
        <Trouble
          id="refuse"
          name="Refuse handshakes"
          effect="Answers the next ones with 503. Then drop the connection: each wait is longer than the last."
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
          onMake={() => make(expireToken)}
        />
        <Trouble
          id="rotate"
          name="Replace the socket"
          effect="As every two hours on API Gateway: a second socket takes over before the first one goes. Nobody notices."
          onMake={() => make(() => replaceSocket(client))}
        />
      </ul>
    </Panel>
  )
}
