import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Server } from '../pkg/tests/server.mjs'
import { launchBrowser, openPage } from './support/browser.mjs'

const folder = new URL('../target/e2e/hot-page', import.meta.url).pathname
// The demo page's Vite.
const ofPage = createRequire(new URL('../www/package.json', import.meta.url))

let server, vite, browser

before(async () => {
  server = await Server.start()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(new URL('./hot-page', import.meta.url).pathname, folder, { recursive: true })
  const { createServer } = await import(pathToFileURL(ofPage.resolve('vite')).href)
  const { default: react } = await import(pathToFileURL(ofPage.resolve('@vitejs/plugin-react')).href)
  vite = await createServer({
    root: folder,
    configFile: false,
    plugins: [react()],
    logLevel: 'warn',
    server: { host: '127.0.0.1', port: 0 },
  })
  await vite.listen()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await vite?.close()
  await server?.stop()
})

it('a component that is edited keeps its socket and its messages, and gets the next one with its new handler', async () => {
  const { page, complaints } = await openPage(browser)
  const { port } = vite.httpServer.address()
  await page.goto(`http://127.0.0.1:${port}/?url=${encodeURIComponent(server.url)}`)
  await page.locator('output', { hasText: 'open' }).waitFor()
  server.push('"one"')
  await page.locator('p', { hasText: 'one' }).waitFor()

  const file = join(folder, 'App.jsx')
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('old', 'new'))
  await page.locator('h1', { hasText: 'new' }).waitFor()
  assert.equal(await page.locator('output').textContent(), 'open')
  server.push('"two"')
  await page.waitForFunction(() => document.title === 'new two')
  assert.equal(await page.locator('p').textContent(), 'one two')
  assert.equal(server.handshakes.length, 1)
  assert.deepEqual(complaints, [])
})
