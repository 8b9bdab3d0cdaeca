import assert from 'node:assert/strict'
import { after, afterEach, beforeEach, it, mock } from 'node:test'
import { closeWindow } from './dom.mjs'
import { createElement as h } from 'react'
import { cleanup, render, screen } from '@testing-library/react'
import { configure, useConnectionState, useLatest, useWebSocketClient } from '../dist/react.js'
import { fakeServer } from '../dist/testing.js'
import { url } from './testing/setting.mjs'

// As in Vitest without `globals`: nobody tells React that this is a test.

configure({ url })

let server
let complaints
beforeEach(() => {
  complaints = mock.method(console, 'error', () => undefined)
  server = fakeServer({ url })
})
afterEach(() => {
  cleanup()
  server.close()
  complaints.mock.restore()
  assert.equal(complaints.mock.callCount(), 0, 'the console is clean')
  assert.equal(globalThis.IS_REACT_ACT_ENVIRONMENT, undefined)
})
after(closeWindow)

function App() {
  useWebSocketClient()
  const { status } = useConnectionState()
  return h('p', null, `${status} ${useLatest('price', ({ value }) => value) ?? ''}`)
}

it('what is pushed and dropped is shown at once, where Testing Library found no globals', async () => {
  render(h(App))
  const connection = await server.connected()
  server.push({ action: 'price', value: 1 })
  assert.ok(screen.getByText('open 1'))
  connection.push({ action: 'price', value: 2 })
  assert.ok(screen.getByText('open 2'))
  server.drop()
  assert.ok(screen.getByText('waiting 2'))
  await server.advance(1000)
  assert.ok(screen.getByText('open 2'))
})
