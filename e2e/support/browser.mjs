import { chromium } from 'playwright-core'
import { findBrowser } from '../../scripts/browser.mjs'

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'].concat([
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
])

/** A headless Chromium. */
export function launchBrowser() {
  return chromium.launch({ executablePath: findBrowser(), args: ARGS })
}

/** A page of its own, and what its console says that it should not. */
export async function openPage(browser, { expected = [], ...options } = {}) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const complaints = []
  const complain = (text) => {
    if (!expected.some((pattern) => pattern.test(text))) complaints.push(text)
  }
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) complain(message.text())
  })
  page.on('pageerror', (error) => complain(String(error)))
  return { page, complaints, close: () => context.close() }
}

/** What a browser itself writes to the console while a gateway is away or refuses. */
export const CONNECTION_LOST = [/WebSocket connection to .* failed/, /net::ERR_CONNECTION_REFUSED/]
