import { byClient } from './by-client.js'

/** The set of the client's timers that are set and have neither fired nor been cleared. */
export function countTimers() {
  const live = new Set()
  const { setTimeout, clearTimeout } = window
  window.setTimeout = (then, ms, ...rest) => {
    const id = setTimeout(() => {
      live.delete(id)
      then(...rest)
    }, ms)
    if (byClient()) live.add(id)
    return id
  }
  window.clearTimeout = (id) => {
    live.delete(id)
    clearTimeout(id)
  }
  return live
}

/** The set of the client's listeners on these targets, as `type` names; removed, aborted and used-up ones leave it. */
export function countListeners(targets) {
  const live = new Set()
  for (const target of targets) {
    const { addEventListener, removeEventListener } = target
    const find = (type, listener, options) =>
      [...live].find((one) => same(one, { target, type, listener, capture: isCapture(options) }))
    target.addEventListener = (type, listener, options) => {
      addEventListener.call(target, type, listener, options)
      if (!byClient() || !listener || options?.signal?.aborted || find(type, listener, options)) return
      const one = { target, type, listener, capture: isCapture(options) }
      live.add(one)
      options?.signal?.addEventListener('abort', () => live.delete(one))
      if (options?.once) addEventListener.call(target, type, () => live.delete(one), options)
    }
    target.removeEventListener = (type, listener, options) => {
      removeEventListener.call(target, type, listener, options)
      live.delete(find(type, listener, options))
    }
  }
  return live
}

const isCapture = (options) => (typeof options === 'object' ? Boolean(options?.capture) : Boolean(options))

const same = (one, other) => Object.keys(other).every((key) => one[key] === other[key])
