import assert from 'node:assert/strict'
import { CONNECTION_LOST, openPage } from '../support/browser.mjs'
import { HeldCore } from './held-core.mjs'

/** Opens an app's page, pushes to it, kills its gateway and starts it again. */
export async function seePage(observed, { browser, gateway, url, isServerRendered }) {
  if (isServerRendered) await observed.see('rendered', () => assertServerRendered(url))
  if (observed.problem) return {}
  const tab = await openPage(browser, { expected: CONNECTION_LOST })
  const { page } = tab
  const core = await HeldCore.of(page)
  const status = (word) => page.getByRole('status').filter({ hasText: word }).waitFor()
  const shows = async (title) => {
    await gateway.push('alice', { action: 'notification', title })
    await page.getByRole('listitem').filter({ hasText: title }).waitFor()
  }
  // With what the console says: it often names the cause.
  const see = (what, look) =>
    observed.see(what, () =>
      look().catch((error) => {
        throw new Error([error.message, ...tab.complaints].join('\n'))
      }),
    )
  try {
    await see('rendered', async () => {
      // Some tools load the core by a script element, for which the page's load event waits.
      await page.goto(url, { waitUntil: 'commit' })
      // It shows that it is connecting; so it is there, and runs, without the core.
      await status('fetching-token')
    })
    core.release()
    await see('connected', () => status('open'))
    await see('message', () => shows('Before the loss'))
    await see('reconnected', async () => {
      await gateway.kill()
      await page.getByRole('status').filter({ hasNotText: 'open' }).waitFor()
      await gateway.start()
      await status('open')
      await shows('After the loss')
    })
    await observed.see('clean', () => assert.deepEqual(tab.complaints, []))
    await observed.see('core', () => core.assertOne())
    return observed.problem ? {} : { brotli: core.brotli }
  } finally {
    core.release()
    await page.context().unrouteAll({ behavior: 'ignoreErrors' })
    await tab.close()
  }
}

async function assertServerRendered(url) {
  const html = await (await fetch(url)).text()
  assert.match(html, /<output[^>]*>closed<\/output>/, 'the server renders the state of a client never opened')
}
