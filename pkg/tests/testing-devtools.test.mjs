// The panel of everwire/devtools in the tests of an app, which everwire/testing runs.
import assert from 'node:assert/strict'
import { after, afterEach, beforeEach, it, mock } from 'node:test'
import { closeWindow } from './dom.mjs'
import './testing/runner_globals.mjs'
import { createElement as h } from 'react'
import { url } from './testing/setting.mjs'

// After the globals.
const { render, screen, waitFor, within } = await import('@testing-library/react')
const { configure, useWebSocketClient } = await import('../dist/react.js')
const { DevtoolsPanel } = await import('../dist/devtools.js')
const { fakeServer } = await import('../dist/testing.js')

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

function App() {
  useWebSocketClient()
  return h(DevtoolsPanel, { className: 'panel' })
}

/** What the panel shows, once it is loaded: it is in a shadow root. */
async function panel() {
  const root = await waitFor(() => document.querySelector('.panel').shadowRoot ?? assert.fail('no panel yet'))
  const content = await waitFor(() => root.querySelector('.root') ?? assert.fail('the panel is empty'))
  return { root, shown: within(content) }
}

/** How long until the retry, as the panel counts it down, in milliseconds. */
const countdownIn = (root) => Math.round(parseFloat(root.querySelector('.countdown').textContent) * 1000)

it('says how to give it a client, where there is none, and that nothing is wrong', () => {
  render(h(DevtoolsPanel))
  assert.match(screen.getByRole('status').textContent, /^There is no client to show: give one/)
})

it('says what is wrong, where configure() was given what is no URL', () => {
  configure({ url: 'example.com' })
  render(h(DevtoolsPanel))
  assert.match(
    screen.getByRole('alert').textContent,
    /^There is no client to show\. .*url is not a valid URL/,
  )
})

it('counts down in the fake time, to the retry that advance() brings', async () => {
  configure({ url, firstRetryMs: 60_000 })
  render(h(App))
  await server.connected()
  const { root, shown } = await panel()
  await waitFor(() => shown.getByText('connected', { selector: '.word' }))
  server.refuse({ times: 1 })
  server.drop()
  await waitFor(() => shown.getByText('reconnecting', { selector: '.word' }))
  const atFirst = countdownIn(root)
  const step = Math.floor(atFirst / 2)
  await server.advance(step)
  await waitFor(() => assert.ok(Math.abs(countdownIn(root) - (atFirst - step)) <= 200))
  await server.connected()
  await waitFor(() => shown.getByText('connected', { selector: '.word' }))
  assert.equal(root.querySelector('.countdown'), null)
})

it('records when things were, in the fake time', async () => {
  configure({ url })
  render(h(App))
  await server.connected()
  const { root, shown } = await panel()
  await server.advance(3_600_000)
  server.push({ action: 'notification', title: 'Hi' })
  await waitFor(() => shown.getByText(/notification/))
  const times = [...root.querySelectorAll('time')].map(({ dateTime }) => Date.parse(dateTime))
  assert.ok(times.includes(server.now))
})
