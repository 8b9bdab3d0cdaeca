import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { after, before, it } from 'node:test'
import { launchBrowser, openPage } from './support/browser.mjs'
import { Gateway } from './support/gateway.mjs'
import { serve } from './support/site.mjs'

const folder = new URL('../target/e2e/script', import.meta.url).pathname

let gateway, browser

before(async () => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/index.html`, '<!doctype html><script type="module" src="page.js"></script>')
  writeFileSync(
    `${folder}/page.js`,
    "import * as everwire from './everwire/index.js'\nwindow.everwire = everwire\n",
  )
  gateway = await Gateway.start()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await gateway?.kill()
})

/** A page that has the package as files and no bundler, with this Content-Security-Policy. */
async function withPage(policy, test, expected = []) {
  const dist = new URL('../pkg/dist', import.meta.url).pathname
  const headers = policy
    ? { 'Content-Security-Policy': `${policy}; connect-src ${gateway.url.replace('/dev', '')}` }
    : {}
  const site = await serve({ '/': folder, '/everwire/': dist }, headers)
  const tab = await openPage(browser, { expected })
  try {
    await tab.page.goto(site.url)
    await tab.page.waitForFunction(() => window.everwire)
    const { accessToken } = await gateway.demo('sign-in', { user: 'script' })
    await test(tab.page, [gateway.url, accessToken])
    assert.deepEqual(tab.complaints, [])
  } finally {
    await tab.close()
    await site.stop()
  }
}

/** Runs in the page: connects, asks for an echo, and says what came and on which engine. */
async function echo([url, token]) {
  const { default: WSClient, WEBSOCKET_EVENT } = window.everwire
  const client = new WSClient({ url, token: () => token })
  const answer = new Promise((resolve) => {
    client.addEventListener(WEBSOCKET_EVENT, (event) => resolve(event.message), { once: true })
  })
  await client.open()
  await client.send({ action: 'echo', text: 'hello' })
  const { message } = await answer
  client.close()
  return { engine: client.engine, text: message.text }
}

it('runs as WebAssembly without a bundler', async () => {
  await withPage(undefined, async (page, args) => {
    assert.deepEqual(await page.evaluate(echo, args), { engine: 'wasm', text: 'hello' })
  })
})

it('runs as WebAssembly where the policy allows it', async () => {
  await withPage("default-src 'self' 'wasm-unsafe-eval'", async (page, args) => {
    assert.deepEqual(await page.evaluate(echo, args), { engine: 'wasm', text: 'hello' })
  })
})

it('runs as JavaScript where the policy forbids WebAssembly', async () => {
  await withPage(
    "default-src 'self'",
    async (page, args) => {
      assert.deepEqual(await page.evaluate(echo, args), { engine: 'js', text: 'hello' })
    },
    // The browser tells of every violation; the page recovers.
    [/Content Security Policy|wasm-eval/i],
  )
})

it('runs the other listeners of a message when one throws', async () => {
  await withPage(
    undefined,
    async (page, args) => {
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
    },
    [/thrown on purpose/],
  )
})

it('frees what it has when it is disposed of: no socket, no timer', async () => {
  await withPage(undefined, async (page, args) => {
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
