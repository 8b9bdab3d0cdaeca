import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import { once } from 'node:events'
import { build } from 'vite'
import { WebSocket } from 'ws'
import { inRoot } from '../scripts/repository.mjs'
import { CONNECTION_LOST, launchBrowser, openPage } from './support/browser.mjs'
import { Gateway } from './support/gateway.mjs'
import { serve } from './support/site.mjs'

const outDir = inRoot('target', 'e2e', 'functions')
const example = inRoot('examples', 'functions')

let folder, gateway, site, browser, tab, page

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'everwire-functions-'))
  gateway = await Gateway.start({
    database: join(folder, 'connections.db'),
    args: ['--config', configuration()],
    // So that whoever posts has to sign: the binary, the Node function and the gateway's own backend.
    env: { EVERWIRE_ACCESS_KEY_ID: 'AKIDEXAMPLE', EVERWIRE_SECRET_ACCESS_KEY: 'made up for this test' },
  })
  process.env.VITE_GATEWAY = gateway.endpoint
  await build({ root: inRoot('www'), logLevel: 'error', build: { outDir, emptyOutDir: true } })
  site = await serve({ '/': outDir })
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await site?.stop()
  await gateway?.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  tab = await openPage(browser, { expected: CONNECTION_LOST })
  page = tab.page
  await page.goto(site.url)
  await page.getByTestId('user').fill('alice')
  await page.getByTestId('sign-in').click()
  await shows('connected')
})
afterEach(async () => {
  await tab.close()
  assert.deepEqual(tab.complaints, [], 'the console is clean')
})

/** The example's file as it is, but for where things are: the programs here are built for tests. */
function configuration() {
  const text = readFileSync(join(example, 'everwire.toml'), 'utf8')
    .replaceAll('../../target/release/', `${inRoot('target', 'debug')}/`)
    .replace(/"(\.\.[^"]*\/python)"/, (_, path) => `"${existing(join(example, 'python', path))}"`)
    .replaceAll(/working-directory = "(\w+)"/g, (_, name) => `working-directory = "${join(example, name)}"`)
  const path = join(folder, 'everwire.toml')
  writeFileSync(path, text)
  return path
}

/** A program is sought from its function's working directory. */
function existing(path) {
  assert.ok(existsSync(path), path)
  return path
}

async function shows(word) {
  await page
    .getByTestId('status')
    .filter({ hasText: new RegExp(`^\\s*${word}\\b`) })
    .waitFor()
}

it('lets in whom the Python authorizer lets in, and nobody else', async () => {
  const socket = new WebSocket(`${gateway.url}?token=garbage`)
  const [, response] = await once(socket, 'unexpected-response')
  assert.equal(response.statusCode, 401)
  socket.on('error', () => {}).terminate()
})

it('shows what the Node function answers', async () => {
  await page.getByTestId('action-message').fill('{"action":"echo","text":"round trip"}')
  await page.getByTestId('send-action').click()
  await page
    .getByTestId('action-reply')
    .getByText(/round trip/)
    .waitFor()
})

it('shows a notification that goes to the connection which the deployed binary has stored', async () => {
  assert.match(await gateway.push('alice', { action: 'notification', title: 'Hello' }), /delivered to 1/)
  await page.getByTestId('notifications').getByText('Hello').waitFor()
})

it('comes back after its connection was dropped, through all three', async () => {
  await page.getByTestId('drop').click()
  await page.getByTestId('timeline').getByText('the connection broke').first().waitFor()
  await shows('connected')
  await gateway.push('alice', { action: 'notification', title: 'After the drop' })
  await page.getByTestId('notifications').getByText('After the drop').waitFor()
})

it('logs no token', () => {
  assert.doesNotMatch(gateway.log, /eyJ[\w-]+\.[\w-]+/)
})
