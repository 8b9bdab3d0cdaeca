import assert from 'node:assert/strict'
import { after, afterEach, beforeEach, describe, it, mock } from 'node:test'
import { closeWindow } from './dom.mjs'
import './testing/runner_globals.mjs'
import { createElement as h, StrictMode, useEffect, useState } from 'react'
import { url } from './testing/setting.mjs'

// After the globals.
const { fireEvent, render, screen, waitFor } = await import('@testing-library/react')
const { configure, useConnectionState, useLatest, useMessage, useMessages, useRequest, useWebSocketClient } =
  await import('../dist/react.js')
const { fakeServer } = await import('../dist/testing.js')

configure({ url, token: () => Promise.resolve('secret') })

let server
let complaints
beforeEach(() => {
  complaints = mock.method(console, 'error', () => undefined)
  server = fakeServer({ url })
})
afterEach(() => {
  server.close()
  complaints.mock.restore()
  assert.deepEqual(
    complaints.mock.calls.map(({ arguments: said }) => said.join(' ')),
    [],
    'the console is clean',
  )
})

after(closeWindow)

/** What an app does with a connection, all at once. */
function App() {
  const { client } = useWebSocketClient()
  const { status } = useConnectionState()
  const [titles, setTitles] = useState([])
  useMessage('notification', ({ title }) => setTitles((all) => [...all, title]))
  const price = useLatest('price', ({ value }) => value)
  const { messages } = useMessages({ action: 'line' })
  const { request, answer } = useRequest(() => ({ action: 'unread' }))
  useEffect(() => {
    client.send({ action: 'hello' })
  }, [client])
  return h(
    'main',
    null,
    h('p', { role: 'status' }, status),
    h('p', null, `titles: ${titles.join(', ')}`),
    h('p', null, `price: ${price ?? 'none'}`),
    h('p', null, `lines: ${messages.length}`),
    h('p', null, `unread: ${answer?.count ?? 'unknown'}`),
    h('button', { onClick: () => client.send({ action: 'markRead', id: 7 }) }, 'Read'),
    h('button', { onClick: () => void request() }, 'Count'),
  )
}

const status = () => screen.getByRole('status').textContent

for (const [how, wrapper] of [
  ['without', undefined],
  ['in', StrictMode],
]) {
  describe(`an app with hooks, tested by Testing Library, ${how} StrictMode`, () => {
    const show = () => render(h(App), { wrapper })

    it('shows what is pushed, when push() returns', async () => {
      show()
      await server.connected()
      assert.equal(status(), 'open')
      server.push({ action: 'notification', title: 'Hi' })
      assert.ok(screen.getByText('titles: Hi'))
      server.push({ action: 'price', value: 1 }, { action: 'price', value: 2 })
      assert.ok(screen.getByText('price: 2'))
      server.push({ action: 'line' }, { action: 'line' })
      assert.ok(screen.getByText('lines: 2'))
    })

    it('connects while Testing Library waits, without a word of the server', async () => {
      show()
      await screen.findByText('open')
      server.push({ action: 'notification', title: 'Hi' })
      await screen.findByText('titles: Hi')
    })

    it('sends in an effect of the commit that mounts it, and on a click', async () => {
      show()
      await server.expect({ action: 'hello' })
      fireEvent.click(screen.getByText('Read'))
      assert.deepEqual(await server.expect({ action: 'markRead' }), { action: 'markRead', id: 7 })
    })

    it('shows the answer to a request', async () => {
      server.answer('unread', async () => ({ count: 3 }))
      show()
      await server.connected()
      fireEvent.click(screen.getByText('Count'))
      await screen.findByText('unread: 3')
      await server.expect({ action: 'unread' })
    })

    it('shows that it waits after drop(), at once, and that it is back', async () => {
      show()
      await server.connected()
      server.drop()
      assert.equal(status(), 'waiting')
      await server.connected()
      assert.equal(status(), 'open')
      server.refuse({ times: 2 })
      server.drop({ code: 1001 })
      await server.advance(60_000)
      assert.equal(status(), 'open')
    })

    it('is one client in one connection, closed a while after it has gone', async () => {
      const { unmount } = show()
      const connection = await server.connected()
      await server.advance(10_000)
      assert.equal(server.handshakes.length, 1)
      unmount()
      await server.advance(999)
      assert.equal(connection.isOpen, true)
      await server.advance(1)
      assert.deepEqual(connection.closed, { code: 1000, reason: '' })
    })

    it('may be closed with the server while it is mounted', async () => {
      show()
      await server.connected()
      server.close()
      assert.equal(status(), 'closed')
    })

    it('needs no wait at all, where a test only looks at the first render', () => {
      show()
      assert.equal(status(), 'closed')
    })

    it('is tested by waits side by side', async () => {
      show()
      await Promise.all([server.connected(), server.expect({ action: 'hello' })])
      const wanted = server.expect({ action: 'markRead' })
      fireEvent.click(screen.getByText('Read'))
      await wanted
      server.push({ action: 'notification', title: 'Hi' })
      await waitFor(() => screen.getByText('titles: Hi'))
      assert.equal(globalThis.IS_REACT_ACT_ENVIRONMENT, true)
    })

    it('shows what is pushed at once, after a wait that began before one of Testing Library', async () => {
      show()
      await server.connected()
      const arrived = server.expect({ action: 'markRead' })
      const rendered = waitFor(() => assert.ok(server.received.some(({ action }) => action === 'markRead')))
      fireEvent.click(screen.getByText('Read'))
      await arrived
      await rendered
      server.push({ action: 'notification', title: 'Hi' })
      assert.ok(screen.getByText('titles: Hi'))
    })

    it('is in a test for React, whatever the test before has left', () => {
      assert.equal(globalThis.IS_REACT_ACT_ENVIRONMENT, true)
    })
  })
}
