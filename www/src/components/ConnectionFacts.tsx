import type { ConnectionState, WSClient } from 'everwire'

/** Why the connection stands as it does, and its numbers. */
export function ConnectionFacts({ state, engine }: { state: ConnectionState; engine: WSClient['engine'] }) {
  const { why, attempt, closeCode } = state
  return (
    <dl className="facts">
      <div className="facts-why">
        <dt>Why</dt>
        <dd>{why}</dd>
      </div>
      <div>
        <dt>Attempt</dt>
        <dd>{attempt === 0 ? 'first' : `retry ${attempt}`}</dd>
      </div>
      <div>
        <dt>Close code</dt>
        <dd>{closeCode ?? 'none'}</dd>
      </div>
      <div>
        <dt>Core</dt>
        <dd>{engine === undefined ? 'loading' : engine === 'wasm' ? 'WebAssembly' : 'JavaScript'}</dd>
      </div>
    </dl>
  )
}
