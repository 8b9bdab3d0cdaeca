import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { openPage } from './browser.mjs'
import { serve } from './site.mjs'

const root = new URL('../..', import.meta.url).pathname
const folder = `${root}target/e2e/plain`

const PAGE = `
const entry = new URLSearchParams(location.search).get('entry')
window.everwire = await import(\`./everwire/\${entry}.js\`)
`

/**
 * Runs `test` with a page that has the package as files and no bundler: `window.everwire` is the entry.
 *
 * `test` is called with the page and with what `echo` takes. Whatever the console says that is not expected fails.
 *
 * @param options.policy the Content-Security-Policy of everything that the site serves; default: none
 * @param options.files beside the page, by name
 */
export async function withPlainPage(
  { browser, gateway },
  { entry = 'index', policy, expected = [], files = {} },
  test,
) {
  mkdirSync(folder, { recursive: true })
  const page = '<!doctype html><script type="module" src="page.js"></script>'
  for (const [name, text] of Object.entries({ 'index.html': page, 'page.js': PAGE, ...files })) {
    writeFileSync(`${folder}/${name}`, text)
  }
  const headers = policy && {
    'Content-Security-Policy': `${policy}; connect-src 'self' ${gateway.url.replace('/dev', '')}`,
  }
  const site = await serve({ '/': folder, '/everwire/': `${root}pkg/dist`, '/wasm/': `${root}pkg` }, headers)
  const tab = await openPage(browser, { expected })
  try {
    await tab.page.goto(`${site.url}?entry=${entry}`)
    await tab.page.waitForFunction(() => window.everwire)
    const { accessToken } = await gateway.demo('sign-in', { user: 'script' })
    await test(tab.page, [gateway.url, accessToken])
    assert.deepEqual(tab.complaints, [])
  } finally {
    await tab.close()
    await site.stop()
  }
}

/** Runs in the page: connects, asks for an echo, and says what came and on which engine; or what went wrong. */
export async function echo([url, token]) {
  const { WSClient, WEBSOCKET_EVENT } = window.everwire
  // The same at each call: a failure must not spoil it.
  const client = (window.client ??= new WSClient({ url, token: () => token }))
  const answer = new Promise((resolve) => {
    client.addEventListener(WEBSOCKET_EVENT, (event) => resolve(event.message), { once: true })
  })
  try {
    await client.open()
  } catch ({ code, message }) {
    return { code, message, status: client.state.status }
  }
  await client.send({ action: 'echo', text: 'hello' })
  const { message } = await answer
  client.close()
  return { engine: client.engine, text: message.text }
}

/** What a browser itself writes when a policy forbids WebAssembly; the page recovers. */
export const WASM_FORBIDDEN = /Content Security Policy|wasm-eval/i
