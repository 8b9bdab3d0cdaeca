import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { launchBrowser } from './support/browser.mjs'
import { Gateway } from './support/gateway.mjs'
import { echo, WASM_FORBIDDEN, withPlainPage } from './support/plain-page.mjs'

let gateway, browser

before(async () => {
  gateway = await Gateway.start()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await gateway?.kill()
})

const withPage = (options, test) => withPlainPage({ browser, gateway }, options, test)

for (const entry of ['index', 'slim', 'eager']) {
  const name = entry === 'index' ? 'everwire' : `everwire/${entry}`
  const run = async (page, args) => {
    if (entry === 'slim') await page.evaluate(() => window.everwire.setWasmSource('/wasm/core.wasm'))
    return page.evaluate(echo, args)
  }

  it(`${name} runs as WebAssembly without a bundler`, async () => {
    await withPage({ entry }, async (page, args) => {
      assert.deepEqual(await run(page, args), { engine: 'wasm', text: 'hello' })
    })
  })

  it(`${name} runs as WebAssembly where the policy allows it`, async () => {
    await withPage({ entry, policy: "default-src 'self' 'wasm-unsafe-eval'" }, async (page, args) => {
      assert.deepEqual(await run(page, args), { engine: 'wasm', text: 'hello' })
    })
  })

  it(`${name} runs as JavaScript where the policy forbids WebAssembly`, async () => {
    const options = { entry, policy: "default-src 'self'", expected: [WASM_FORBIDDEN] }
    await withPage(options, async (page, args) => {
      assert.deepEqual(await run(page, args), { engine: 'js', text: 'hello' })
    })
  })
}

it('runs the other listeners of a message when one throws', async () => {
  await withPage({ expected: [/thrown on purpose/] }, async (page, args) => {
    const heard = await page.evaluate(async ([url, token]) => {
      const { default: WSClient, WEBSOCKET_EVENT } = window.everwire
      const client = new WSClient({ url, token: () => token })
      client.addEventListener(WEBSOCKET_EVENT, () => {
        throw new Error('thrown on purpose')
      })
      const heard = []
      const second = new Promise((resolve) => {
        client.addEventListener(WEBSOCKET_EVENT, (event) => {
          heard.push(event.message.id)
          if (heard.length === 2) resolve()
        })
      })
      await client.open()
      await client.send({ action: 'echo', id: 1 })
      await client.send({ action: 'echo', id: 2 })
      await second
      return { heard, isConnected: client.isConnected }
    }, args)
    assert.deepEqual(heard, { heard: [1, 2], isConnected: true })
  })
})

it('frees what it has when it is disposed of: no socket, no timer', async () => {
  await withPage({}, async (page, args) => {
    const left = await page.evaluate(async ([url, token]) => {
      const timers = new Set()
      const { setTimeout: arm, clearTimeout: clear } = window
      window.setTimeout = (then, ms, ...rest) => {
        const id = arm(() => {
          timers.delete(id)
          then(...rest)
        }, ms)
        timers.add(id)
        return id
      }
      window.clearTimeout = (id) => {
        timers.delete(id)
        clear(id)
      }
      const sockets = []
      class Counted extends WebSocket {
        constructor(...all) {
          super(...all)
          sockets.push(this)
        }
      }
      const client = new window.everwire.default({ url, token: () => token, WebSocket: Counted })
      await client.open()
      const armed = timers.size
      client.dispose()
      return { armed, left: timers.size, open: sockets.filter(({ readyState }) => readyState < 2).length }
    }, args)
    assert.deepEqual(left, { armed: 1, left: 0, open: 0 })
  })
})
