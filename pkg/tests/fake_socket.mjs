/**
 * A class of sockets that a test plays the server of. `instances` has all that were constructed; what a test
 * puts into `behaviour` happens inside the calls, as no browser does it.
 */
export function fakeSockets(behaviour = {}) {
  return class FakeSocket {
    static instances = []
    readyState = 0
    bufferedAmount = 0
    sent = []

    constructor(url) {
      this.url = url
      FakeSocket.instances.push(this)
      behaviour.constructed?.(this)
    }

    send(text) {
      this.sent.push(text)
      behaviour.sent?.(this, text)
    }

    close(code) {
      this.readyState = 3
      behaviour.closed?.(this, code)
    }

    open() {
      this.readyState = 1
      this.onopen?.({})
    }

    bring(message) {
      this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) })
    }

    end(code, reason = '') {
      this.readyState = 3
      this.onclose?.({ code, reason })
    }
  }
}
