import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import useWebSocketClient, { configure, useConnectionState } from '../dist/react.js'

function Status({ url }) {
  const { client } = useWebSocketClient({ url, onEvent: () => undefined })
  return useConnectionState({ client }).status
}

const render = (props) => renderToString(createElement(Status, props))

it('says what is missing where nothing gives a URL', () => {
  assert.throws(() => render({}), {
    code: 'invalid-option',
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
