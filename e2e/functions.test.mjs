import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { inRoot } from '../scripts/repository.mjs'
import { launchBrowser } from './support/browser.mjs'
import { DemoPage, serveDemoPage } from './support/demo-page.mjs'
import { Gateway } from './support/gateway.mjs'

const example = inRoot('examples', 'functions')

let folder, gateway, site, browser, demo

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'everwire-functions-'))
  gateway = await Gateway.start({
    database: join(folder, 'connections.db'),
    args: ['--config', configuration()],
    // So that whoever posts has to sign: the binary, the Node function and the gateway's own backend.
    env: { EVERWIRE_ACCESS_KEY_ID: 'AKIDEXAMPLE', EVERWIRE_SECRET_ACCESS_KEY: 'made up for this test' },
  })
  site = await serveDemoPage(gateway, 'functions')
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await site?.stop()
  await gateway?.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  demo = await DemoPage.open(browser, site.url)
  await demo.signIn('alice')
})
afterEach(async () => {
  await demo.close()
  assert.deepEqual(demo.complaints, [], 'the console is clean')
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

it('lets in whom the Python authorizer lets in, and nobody else', async () => {
  const socket = new WebSocket(`${gateway.url}?token=garbage`)
  const [, response] = await once(socket, 'unexpected-response')
  assert.equal(response.statusCode, 401)
  socket.on('error', () => {}).terminate()
})

it('shows what the Node function answers', async () => {
  await demo.getReply()
})

it('shows a notification that goes to the connection which the deployed binary has stored', async () => {
  assert.match(await gateway.push('alice', { action: 'notification', title: 'Hello' }), /delivered to 1/)
  await demo.notified('Hello')
})

it('comes back after its connection was dropped, through all three', async () => {
  await demo.dropAndComeBack()
  await gateway.push('alice', { action: 'notification', title: 'After the drop' })
  await demo.notified('After the drop')
})

it('logs no token', () => {
  assert.doesNotMatch(gateway.log, /eyJ[\w-]+\.[\w-]+/)
})
