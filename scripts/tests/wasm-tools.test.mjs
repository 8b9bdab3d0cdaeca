import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockedVersion } from '../wasm-tools.mjs'

const lock = `
[[package]]
name = "wasm-bindgen-test"
version = "0.3.60"

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
`

test('the locked version is that of the crate with exactly this name', () => {
  assert.equal(lockedVersion('wasm-bindgen', lock), '0.2.130')
})

test('a missing crate is a problem with a remedy', () => {
  assert.throws(() => lockedVersion('serde', lock), /cargo generate-lockfile/)
})
