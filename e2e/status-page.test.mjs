// The gateway's status page, in a browser: what it shows, and that names stay names.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { CONNECTION_LOST, launchBrowser, openPage } from './support/browser.mjs'
import { Gateway } from './support/gateway.mjs'

const HOSTILE =
  '</script><script>document.title = "owned"</script><img src=x onerror="document.title = \'owned\'">'

let browser
let gateway

before(async () => {
  ;[browser, gateway] = await Promise.all([launchBrowser(), Gateway.start()])
})

after(async () => {
  await browser?.close()
  await gateway?.kill()
})

it('connections and events appear and go, a hostile name is only a name, and a dead gateway is told', async () => {
  const { page, complaints, close } = await openPage(browser, { expected: CONNECTION_LOST })
  await page.goto(`${gateway.origin}/`)
  await page.getByText('Nobody is connected').waitFor()
  await page.getByText('Nothing has happened yet').waitFor()

  const client = await openPage(browser)
  await connect(client.page, `${gateway.url}?token=${await gateway.token(HOSTILE)}`)
  await page.getByRole('cell', { name: HOSTILE, exact: true }).waitFor()
  await page.getByRole('listitem').filter({ hasText: 'connected' }).waitFor()
  assert.equal(await page.locator('main img, main script').count(), 0)
  assert.equal(await page.title(), 'Everwire gateway')

  await client.close()
  await page.getByText('Nobody is connected').waitFor()
  await page.getByRole('listitem').filter({ hasText: 'disconnected 1001' }).waitFor()

  await gateway.kill()
  await page.getByText('the gateway does not answer').waitFor()
  await gateway.start()
  await page.getByText('running').waitFor()
  assert.deepEqual(complaints, [])
  await close()
})

/** Opens a socket from a page that has nothing else to do. */
function connect(page, url) {
  return page.evaluate(
    (url) =>
      new Promise((open, fail) => {
        const socket = new WebSocket(url)
        socket.onopen = () => open()
        socket.onerror = () => fail(new Error('no socket'))
      }),
    url,
  )
}
