import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countTests } from '../test-counts.mjs'

test("cargo's results are summed over all test binaries", () => {
  const output = `
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s
test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s
`
  assert.deepEqual(countTests('cargo', output, false), { passed: 15, failed: 2 })
})

test('a cargo test that does not compile is one failure', () => {
  assert.deepEqual(countTests('cargo', 'error: could not compile', false), { passed: 0, failed: 1 })
})

test("node's results are read from both reporters, colours or not", () => {
  assert.deepEqual(countTests('node', '\u001b[34mℹ pass 4\u001b[39m\nℹ fail 0\nℹ cancelled 0\n', true), {
    passed: 4,
    failed: 0,
  })
  assert.deepEqual(countTests('node', '# pass 4\n# fail 1\n# cancelled 2\n', false), { passed: 4, failed: 3 })
})

test('a step without tests counts as one check', () => {
  assert.deepEqual(countTests('check', 'ok. 9 passed', true), { passed: 1, failed: 0 })
  assert.deepEqual(countTests('check', '', false), { passed: 0, failed: 1 })
})
