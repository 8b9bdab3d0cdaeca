// What the page keeps over a reload. Where the browser forbids storage, it is kept until then.
import type { StorageType } from 'axios-jwt'

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export const storage: Kept = browserStorage() ?? inMemory()

/** The same for axios-jwt. */
export const tokenStorage: StorageType = {
  get: (key) => Promise.resolve(storage.getItem(key)),
  set(key, value) {
    storage.setItem(key, value)
    return Promise.resolve()
  },
  remove(key) {
    storage.removeItem(key)
    return Promise.resolve()
  },
}

/** Merely to name it throws where it is forbidden. */
function browserStorage(): Kept | undefined {
  try {
    return localStorage
  } catch {
    return undefined
  }
}

function inMemory(): Kept {
  const kept = new Map<string, string>()
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  }
}
