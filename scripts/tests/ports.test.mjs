import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { ensurePortIsFree, freePort } from '../ports.mjs'

const server = createServer()
let taken

before(async () => {
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  taken = server.address().port
})
after(() => server.close())

test('a port in use is a problem that says how to find who has it, and how to take another', async () => {
  const needed = ensurePortIsFree(taken, { variable: 'SOME_PORT', purpose: 'the page' })
  await assert.rejects(needed, (error) => {
    for (const part of [`lsof -i :${taken}`, 'ss -ltnp', 'SOME_PORT=<port>'])
      assert.ok(error.message.includes(part))
    return true
  })
})

test('a preferred port that is in use is replaced by one that is free', async () => {
  const port = await freePort(taken)
  assert.notEqual(port, taken)
  await ensurePortIsFree(port, { variable: 'SOME_PORT', purpose: 'the page' })
})
