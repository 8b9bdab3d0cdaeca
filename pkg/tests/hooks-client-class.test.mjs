import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, it } from 'node:test'
import { closeWindow } from './dom.mjs'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { WebSocket } from 'ws'
import { WSClient as EagerClient } from '../dist/eager.js'
import useWebSocketClient, { configure, useMessage } from '../dist/react.js'
import { setWasmSource, WSClient as SlimClient } from '../dist/slim.js'
import { Server } from './server.mjs'
import { until } from './watch.mjs'

let server
before(async () => {
  server = await Server.start()
})
after(async () => {
  await server.stop()
  closeWindow()
})

for (const [name, Client] of [
  ['everwire/slim', SlimClient],
  ['everwire/eager', EagerClient],
]) {
  it(`the hooks connect with the client of ${name}, where configure() names it`, async () => {
    setWasmSource(await readFile(new URL('../core.wasm', import.meta.url)))
    // A user each, so that each has a client of its own.
    configure({ url: server.url, user: name, Client, WebSocket, lingerMs: 0 })
    const messages = []
    let client
    const Component = () => {
      ;({ client } = useWebSocketClient())
      useMessage((message) => messages.push(message))
      return null
    }
    const root = createRoot(document.createElement('div'))
    root.render(createElement(Component))
    await until(() => client?.isConnected, 'it is connected')
    assert.ok(client instanceof Client)
    server.push('{"text":"hello"}')
    await until(() => messages.length > 0, 'a message')
    assert.deepEqual(messages, [{ text: 'hello' }])
    root.unmount()
    await until(() => server.sockets.size === 0, 'its socket is closed')
  })
}
