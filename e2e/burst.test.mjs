import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { Server } from '../pkg/tests/server.mjs'
import { launchBrowser, openPage } from './support/browser.mjs'
import { bundlePage } from './support/bundle.mjs'
import { serve } from './support/site.mjs'

const MESSAGES = 10_000
/** So many at a time, so often: all of them in a second. */
const BATCH = 100
const EVERY_MS = 10

let server, site, browser

before(async () => {
  server = await Server.start()
  site = await serve({ '/': await bundlePage('burst-page') })
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await site?.stop()
  await server?.stop()
})

it('10,000 messages in a second: each is handed over, and no frame renders twice', async () => {
  const { page, complaints, close } = await openPage(browser)
  await page.goto(`${site.url}?url=${encodeURIComponent(server.url)}`)
  await page.locator('#status', { hasText: 'open' }).waitFor()
  const before = await page.evaluate(() => structuredClone(window.counts))
  await pushAll()
  await page.locator('#latest', { hasText: String(MESSAGES - 1) }).waitFor()
  await page.locator('li', { hasText: String(MESSAGES - 1) }).waitFor()
  const after = await page.evaluate(() => structuredClone(window.counts))

  assert.deepEqual(
    after.heard,
    Array.from({ length: MESSAGES }, (_, n) => n),
    'every message, once, in order',
  )
  const frames = after.frames - before.frames
  const renders = (hook) => after.renders[hook] - before.renders[hook]
  console.log(
    `frames: ${frames}, renders: useLatest ${renders('useLatest')}, useMessages ${renders('useMessages')}`,
  )
  assert.equal(renders('useMessage'), 0)
  // One frame may have begun before the count did.
  assert.ok(renders('useLatest') <= frames + 1, `${renders('useLatest')} renders of useLatest`)
  assert.ok(renders('useMessages') <= frames + 1, `${renders('useMessages')} renders of useMessages`)
  assert.ok(renders('useLatest') > 1, 'it renders while messages come, and not only at the end')
  assert.equal(await page.locator('li').count(), 20)
  assert.equal(await page.locator('#dropped').textContent(), String(MESSAGES - 20))
  assert.deepEqual(complaints, [])
  await close()
})

function pushAll() {
  return new Promise((done) => {
    let n = 0
    const pushing = setInterval(() => {
      for (const end = n + BATCH; n < end; n += 1) server.push(JSON.stringify({ action: 'tick', n }))
      if (n < MESSAGES) return
      clearInterval(pushing)
      done()
    }, EVERY_MS)
  })
}
