/**
 * A page by jsdom, with Testing Library as Vitest and Jest have it. Imported before React.
 *
 * @module
 */
import { after, afterEach, before } from 'node:test'
import { JSDOM } from 'jsdom'

const { window } = new JSDOM('<!doctype html><body></body>', {
  url: 'http://localhost/',
  // With frames, as the environments of Vitest and Jest.
  pretendToBeVisual: true,
})

const NAMES = [
  'document',
  'navigator',
  'HTMLElement',
  'Node',
  'requestAnimationFrame',
  'cancelAnimationFrame',
]
const values = { window, ...Object.fromEntries(NAMES.map((name) => [name, window[name]])) }
for (const [name, value] of Object.entries(values)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
}

// By these Testing Library sets itself up; node:test has no globals.
Object.assign(globalThis, { beforeAll: before, afterAll: after, afterEach })
