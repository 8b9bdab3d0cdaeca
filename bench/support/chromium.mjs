import { WebSocket } from 'ws'
import { temporaryFolder } from '../../chaos/support/temporary.mjs'
import { findBrowser } from '../../scripts/browser.mjs'
import { explainEnd, startChild } from '../../scripts/child-processes.mjs'

const ARGS = [
  '--headless',
  '--remote-debugging-port=0',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Pages take turns or stand side by side; none is to be slower for being behind another.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

/**
 * A headless Chromium that looks at nothing unasked. Playwright's listens to the network of every page, and a frame of
 * a WebSocket then costs the page more for telling of it than for everything else.
 */
export class Chromium {
  #child
  #profile
  #protocol

  static async start() {
    const browser = new Chromium()
    browser.#profile = temporaryFolder('chromium')
    const address = await browser.#launch()
    browser.#protocol = await Protocol.connect(address)
    return browser
  }

  /** Its address is a line among others of what it prints. */
  #launch() {
    return new Promise((resolve, reject) => {
      const onLine = (line) => {
        const address = /^DevTools listening on (ws:.*)$/.exec(line)?.[1]
        if (address) resolve(address)
      }
      const args = [...ARGS, `--user-data-dir=${this.#profile.path}`, 'about:blank']
      this.#child = startChild(findBrowser(), args, { onLine })
      void this.#child.ended.then((end) => reject(new Error(`Chromium ${explainEnd(end)}`)))
    })
  }

  /** A page of its own, with nothing of others. */
  async open(url) {
    const { browserContextId } = await this.#protocol.send('Target.createBrowserContext')
    const { targetId } = await this.#protocol.send('Target.createTarget', { url, browserContextId })
    const { sessionId } = await this.#protocol.send('Target.attachToTarget', { targetId, flatten: true })
    const close = () => this.#protocol.send('Target.disposeBrowserContext', { browserContextId })
    return new Page((method, params) => this.#protocol.send(method, params, sessionId), close)
  }

  async stop() {
    this.#protocol?.close()
    await this.#child.end()
    this.#profile.remove()
  }
}

class Page {
  /** Sends a command of the Chrome DevTools Protocol, and gives its result. */
  send
  close

  constructor(send, close) {
    this.send = send
    this.close = close
  }

  /** Calls the function in the page, with these arguments, and waits for what it gives. Both are JSON. */
  async evaluate(work, ...args) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression: `(${String(work)})(${args.map((arg) => JSON.stringify(arg)).join(', ')})`,
      awaitPromise: true,
      returnByValue: true,
    })
    if (!exceptionDetails) return result.value
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
  }

  /** Settles as soon as `holds` gives true in the page: a function and its arguments, as for {@link evaluate}. */
  async until(holds, ...args) {
    // Asked again and again from here, so that the page does nothing for it in between.
    while (!(await this.evaluate(holds, ...args).catch(untilLoaded)))
      await new Promise((turn) => setTimeout(turn, 20))
  }
}

/** A page that is on its way here has another context at first. */
function untilLoaded(error) {
  if (!/context/i.test(error.message)) throw error
  return false
}

/** The Chrome DevTools Protocol, as far as it is needed: commands and their results. */
class Protocol {
  #socket
  #lastId = 0
  #waiting = new Map()

  static connect(address) {
    const protocol = new Protocol()
    const socket = new WebSocket(address, { perMessageDeflate: false })
    protocol.#socket = socket
    socket.on('message', (data) => protocol.#receive(JSON.parse(String(data))))
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(protocol))
      socket.once('error', reject)
    })
  }

  send(method, params = {}, sessionId) {
    const id = ++this.#lastId
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }))
    return new Promise((resolve, reject) => this.#waiting.set(id, { method, resolve, reject }))
  }

  #receive({ id, result, error }) {
    const waiting = this.#waiting.get(id)
    // An event.
    if (!waiting) return
    this.#waiting.delete(id)
    if (error) waiting.reject(new Error(`${waiting.method}: ${error.message}`))
    else waiting.resolve(result)
  }

  close() {
    this.#socket.close()
  }
}
