// An app with the devtools in it, driven by e2e/devtools.test.mjs.
import WSClient from 'everwire'
import { EverwireDevtools } from 'everwire/devtools'
import { configure } from 'everwire/react'
import { Profiler, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

const root = createRoot(document.getElementById('root'))

window.app = {
  renders: 0,

  /** Mounts the devtools for a client that is not open. */
  start(options, props) {
    window.app.client = new WSClient(options)
    root.render(
      <StrictMode>
        <main>
          <h1>An app</h1>
          <button type="button">Its button</button>
        </main>
        <Profiler id="devtools" onRender={() => (window.app.renders += 1)}>
          <EverwireDevtools client={window.app.client} {...props} />
        </Profiler>
      </StrictMode>,
    )
  },

  /** Mounts the devtools with no client but that of `configure()`, which is called if there are options. */
  startWithout(options) {
    if (options) configure(options)
    root.render(<EverwireDevtools initialIsOpen />)
  },

  unmount() {
    root.render(null)
  },
}
