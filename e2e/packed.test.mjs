import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { promisify } from 'node:util'
import { launchBrowser, openPage } from './support/browser.mjs'
import { Gateway } from './support/gateway.mjs'
import { serve } from './support/site.mjs'

const run = promisify(execFile)
const root = new URL('..', import.meta.url).pathname
const read = (path) => readFileSync(join(root, path), 'utf8')

let folder, tarball, gateway, browser

before(async () => {
  // Outside the repository, where its node_modules cannot help.
  folder = mkdtempSync(join(tmpdir(), 'everwire-packed-'))
  await run('npm', ['pack', './pkg', '--pack-destination', folder], { cwd: root })
  tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'))
  gateway = await Gateway.start()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await gateway?.kill()
  rmSync(folder, { recursive: true, force: true })
})

it('works in a new Vite and React app, with the code of the README', async () => {
  const app = join(folder, 'app')
  const createVite = join(root, 'node_modules/create-vite/index.js')
  const template = ['app', '--template', 'react-ts', '--no-interactive']
  await run(process.execPath, [createVite, ...template], { cwd: folder })
  writeFileSync(join(app, 'package.json'), dependencies(readFileSync(join(app, 'package.json'), 'utf8')))
  writeFileSync(join(app, 'src/App.tsx'), readmeApp())
  await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: app })
  // The template's own build: the type checker, then Vite.
  await run('npm', ['run', 'build'], { cwd: app })

  const site = await serve({ '/': join(app, 'dist') })
  const { page, complaints } = await openPage(browser)
  try {
    await page.goto(site.url)
    await page.locator('p').filter({ hasText: 'open' }).waitFor()
    await gateway.push('alice', { action: 'notification', title: 'From the tarball' })
    await page.locator('p').filter({ hasText: 'From the tarball' }).waitFor()
    assert.deepEqual(complaints, [])
  } finally {
    await site.stop()
  }
})

/** The README's first block of tsx, at this test's gateway. */
function readmeApp() {
  const [, code] = /```tsx\n(.*?)```/s.exec(read('README.md'))
  const host = new URL(gateway.url).host
  assert.ok(code.includes('127.0.0.1:3001'))
  return code.replaceAll('127.0.0.1:3001', host)
}

/** The template's package.json with the tarball, and with the versions that this repository is tested with. */
function dependencies(template) {
  const manifest = JSON.parse(template)
  const tested = {
    ...JSON.parse(read('package.json')).devDependencies,
    ...JSON.parse(read('www/package.json')).devDependencies,
  }
  delete manifest.devDependencies.oxlint
  for (const group of [manifest.dependencies, manifest.devDependencies]) {
    // But TypeScript is left as it comes: the package's types must suit it.
    for (const name of Object.keys(group))
      if (name !== 'typescript') group[name] = tested[name] ?? group[name]
  }
  manifest.dependencies.everwire = `file:../${tarball}`
  return JSON.stringify(manifest)
}
