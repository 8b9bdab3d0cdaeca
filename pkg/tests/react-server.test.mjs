import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import useWebSocketClient, {
  configure,
  useConnectionState,
  useLatest,
  useMessages,
  WebSocketProvider,
} from '../dist/react.js'

function Status({ url }) {
  const { client } = useWebSocketClient({ url, onEvent: () => undefined })
  return useConnectionState({ client }).status
}

const render = (props) => renderToString(createElement(Status, props))

it('says what is missing where nothing gives a URL', () => {
  assert.throws(() => render({}), {
    code: 'not-configured',
    message: /call configure\(\{ url, token \}\) once/,
  })
})

it('renders on a server, without connecting', () => {
  assert.equal(render({ url: 'wss://example.com/dev' }), 'closed')
})

it('renders with what configure was given', () => {
  configure({ url: 'wss://example.com/dev', token: () => 'secret' })
  assert.equal(render({}), 'closed')
})

it('refuses a linger time that no timer can keep', () => {
  configure({ url: 'wss://example.com/dev', lingerMs: Infinity })
  assert.throws(() => render({}), { code: 'invalid-option', message: /lingerMs must be a whole number/ })
})

it('renders every hook with what it shows before anything has come', () => {
  function Shown() {
    const price = useLatest('price', ({ value }) => value)
    const { messages, dropped } = useMessages()
    const isOpen = useConnectionState(({ status }) => status === 'open')
    return JSON.stringify({ price, messages, dropped, isOpen })
  }
  const props = { url: 'wss://example.com/other', token: () => 'secret' }
  const html = renderToString(createElement(WebSocketProvider, props, createElement(Shown)))
  assert.equal(html.replaceAll('&quot;', '"'), '{"messages":[],"dropped":0,"isOpen":false}')
})

it('refuses a list of no messages', () => {
  const Shown = () => useMessages({ limit: 0 }).dropped
  assert.throws(() => renderToString(createElement(Shown)), {
    code: 'invalid-option',
    message: /limit must be a whole number from 1/,
  })
})

it('says whose token it is where a provider around has one', () => {
  const Inner = () => useWebSocketClient({ token: () => 'mine' }).client.state.status
  const props = { url: 'wss://example.com/other', token: () => 'secret' }
  assert.throws(() => renderToString(createElement(WebSocketProvider, props, createElement(Inner))), {
    code: 'invalid-option',
    message: /the WebSocketProvider around the component has a token of its own/,
  })
})
