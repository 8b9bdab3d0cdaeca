/**
 * A page as a client sees it, on `globalThis` from `enter` to `leave`. Events come in the order and with the
 * properties that browsers give them.
 */
export class FakePage {
  #before = new Map()
  /** Listeners that are there now. */
  listeners = new Set()

  enter() {
    const window = this.#target('window')
    this.document = this.#target('document')
    this.document.visibilityState = 'visible'
    this.document.prerendering = false
    this.navigator = { onLine: true }
    this.window = window
    const { document, navigator } = this
    const { addEventListener, removeEventListener } = window
    this.#put({ document, navigator, addEventListener, removeEventListener })
  }

  leave() {
    for (const [name, property] of this.#before) {
      if (property) Object.defineProperty(globalThis, name, property)
      else delete globalThis[name]
    }
    this.#before.clear()
  }

  #put(globals) {
    for (const [name, value] of Object.entries(globals)) {
      this.#before.set(name, Object.getOwnPropertyDescriptor(globalThis, name))
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
    }
  }

  /** An event target that counts its listeners; a function of it may be called without it, as those of a window. */
  #target(name) {
    const target = new EventTarget()
    const add = target.addEventListener.bind(target)
    const remove = target.removeEventListener.bind(target)
    const ids = new Map()
    const id = (type, listener) => {
      if (!ids.has(listener)) ids.set(listener, ids.size)
      return `${name} ${type} ${ids.get(listener)}`
    }
    target.addEventListener = (type, listener) => {
      this.listeners.add(id(type, listener))
      add(type, listener)
    }
    target.removeEventListener = (type, listener) => {
      this.listeners.delete(id(type, listener))
      remove(type, listener)
    }
    return target
  }

  goOffline() {
    this.navigator.onLine = false
    this.window.dispatchEvent(new Event('offline'))
  }

  goOnline() {
    this.navigator.onLine = true
    this.window.dispatchEvent(new Event('online'))
  }

  hide() {
    this.document.visibilityState = 'hidden'
    this.document.dispatchEvent(new Event('visibilitychange'))
  }

  show() {
    this.document.visibilityState = 'visible'
    this.document.dispatchEvent(new Event('visibilitychange'))
  }

  freezeAndResume() {
    this.document.dispatchEvent(new Event('freeze'))
    this.document.dispatchEvent(new Event('resume'))
  }

  /** The user goes to another page; this one is kept (bfcache). */
  store() {
    this.window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }))
    this.hide()
    this.document.dispatchEvent(new Event('freeze'))
  }

  /** The user comes back to it. */
  restore() {
    this.document.dispatchEvent(new Event('resume'))
    this.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    this.show()
  }

  /** The first `pageshow`, when the page has loaded. */
  load() {
    this.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }))
  }

  /** A page that was prerendered is shown to the user. */
  activate() {
    this.document.prerendering = false
    this.document.dispatchEvent(new Event('prerenderingchange'))
  }
}
