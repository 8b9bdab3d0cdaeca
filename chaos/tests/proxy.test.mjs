import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { faults } from '../support/faults.mjs'
import { Proxy } from '../support/proxy.mjs'
import { until } from '../support/until.mjs'

describe('the proxy', () => {
  let server, proxy

  beforeEach(async () => {
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    server.on('connection', (socket) => {
      socket.on('error', () => undefined)
      socket.on('message', (data) => socket.send(String(data)))
    })
    await once(server, 'listening')
    proxy = await Proxy.start(server.address().port)
  })
  afterEach(async () => {
    await proxy.stop()
    for (const socket of server.clients) socket.terminate()
    await new Promise((done) => server.close(done))
  })

  /** A socket through the proxy, with everything that it hears. */
  function dial() {
    const socket = new WebSocket(proxy.url)
    const heard = { opened: false, messages: [], error: undefined, closeCode: undefined }
    socket.on('open', () => (heard.opened = true))
    socket.on('message', (data) => heard.messages.push(String(data)))
    socket.on('error', (error) => (heard.error = error.code ?? error.message))
    socket.on('close', (code) => (heard.closeCode = code))
    return { socket, heard }
  }

  async function dialled() {
    const { socket, heard } = dial()
    await until(() => heard.opened, 'a socket')
    return { socket, heard }
  }

  const closed = (heard) => until(() => heard.closeCode !== undefined, 'a socket to close')
  const said = (heard, count) => until(() => heard.messages.length === count, `${count} messages`)

  it('passes everything on while there is no fault, and counts', async () => {
    const [first, second] = [await dialled(), await dialled()]
    first.socket.send('one')
    second.socket.send('x'.repeat(1_000_000))
    await said(first.heard, 1)
    await said(second.heard, 1)
    assert.equal(second.heard.messages[0].length, 1_000_000)
    first.socket.close(1000)
    await closed(first.heard)
    assert.equal(first.heard.closeCode, 1000)
    await until(() => proxy.counts.live === 1, 'one live connection')
    assert.deepEqual(proxy.counts, { accepted: 2, live: 1, maxLive: 2, handshakes: 2, answers: 2 })
  })

  it('counts no handshake where nobody asks for a WebSocket', async () => {
    const socket = connect(proxy.port, '127.0.0.1')
    await until(() => proxy.counts.live === 1, 'a connection')
    socket.destroy()
    await until(() => proxy.counts.live === 0, 'its end')
    assert.deepEqual(proxy.counts, { accepted: 1, live: 0, maxLive: 1, handshakes: 0, answers: 0 })
  })

  it('refuses connections, but keeps those that live, until it is healed', async () => {
    const old = await dialled()
    await proxy.refuse()
    const { heard } = dial()
    await closed(heard)
    assert.equal(heard.error, 'ECONNREFUSED')
    old.socket.send('still here')
    await said(old.heard, 1)
    await proxy.heal()
    await dialled()
  })

  it('resets live connections and the next so many', async () => {
    const old = connect(proxy.port, '127.0.0.1')
    const broken = once(old, 'error')
    await until(() => proxy.counts.live === 1, 'a connection')
    proxy.live(faults.reset())
    const [{ code }] = await broken
    assert.equal(code, 'ECONNRESET')
    proxy.next(2, faults.reset())
    for (const { heard } of [dial(), dial()]) {
      await closed(heard)
      assert.equal(heard.error, 'ECONNRESET')
    }
    await dialled()
  })

  it('accepts and closes', async () => {
    proxy.next(1, faults.close())
    const { heard } = dial()
    await closed(heard)
    assert.equal(heard.opened, false)
    await until(() => proxy.counts.live === 0, 'nothing live')
  })

  it('lets the handshake through and closes then', async () => {
    proxy.next(1, faults.closeAfterAnswer())
    const { heard } = dial()
    await closed(heard)
    assert.equal(heard.opened, true)
    assert.equal(heard.closeCode, 1006)
  })

  it('never answers a handshake out of a black hole, and sees when the browser gives up', async () => {
    proxy.next(1, faults.blackHole())
    const { socket, heard } = dial()
    await until(() => proxy.counts.handshakes === 1, 'a handshake')
    assert.deepEqual([server.clients.size, proxy.counts.answers], [0, 0])
    socket.terminate()
    await closed(heard)
    await until(() => proxy.counts.live === 0, 'nothing live')
    await dialled()
  })

  for (const direction of ['up', 'down', 'both']) {
    it(`holds back what goes ${direction}, and delivers it when healed`, async () => {
      const { socket, heard } = await dialled()
      let arrived = 0
      for (const client of server.clients) client.on('message', () => (arrived += 1))
      proxy.live(faults.blackHole(direction))
      socket.send('late')
      // Another connection's round trip takes at least as long as the one that must not come.
      proxy.next(1, faults.delay({ up: 5, down: 5 }))
      const other = await dialled()
      other.socket.send('prompt')
      await said(other.heard, 1)
      assert.deepEqual(heard.messages, [])
      assert.equal(arrived, direction === 'down' ? 1 : 0)
      await proxy.heal()
      await said(heard, 1)
    })
  }

  it('tells the gateway of a browser that left only when the network is healed', async () => {
    const { socket } = await dialled()
    proxy.live(faults.blackHole('both'))
    socket.terminate()
    await until(() => proxy.counts.live === 0, 'the browser gone')
    assert.equal(server.clients.size, 1)
    await proxy.heal()
    await until(() => server.clients.size === 0, 'the gateway to know')
  })

  it('delays each direction by so much, and keeps the order', async () => {
    proxy.always(faults.delay({ up: 30, down: 40 }))
    const before = Date.now()
    const { socket, heard } = await dialled()
    assert.ok(Date.now() - before >= 68, 'a round trip takes as long as both delays')
    for (const text of ['1', '2', '3']) socket.send(text)
    await said(heard, 3)
    assert.deepEqual(heard.messages, ['1', '2', '3'])
  })

  it('ends one direction only', async () => {
    const { socket, heard } = await dialled()
    const [atServer] = server.clients
    proxy.live(faults.halfClose('down'))
    await until(() => socket.readyState !== WebSocket.OPEN, 'the end')
    await closed(heard)
    assert.equal(heard.closeCode, 1006)
    await until(() => atServer.readyState === WebSocket.CLOSED, 'the gateway to follow')
  })

  it('cuts after so many bytes', async () => {
    const { socket, heard } = await dialled()
    // A text frame of ten bytes has a header of two.
    proxy.live(faults.cutAfter(2 * 12, 'down'))
    for (let i = 0; i < 5; i += 1) socket.send('ten bytes!')
    await closed(heard)
    assert.equal(heard.messages.length, 2)
  })

  it('answers the handshake with a status of its own', async () => {
    for (const status of [401, 403, 429, 500, 503]) {
      proxy.next(1, faults.answer(status))
      const { heard } = dial()
      await closed(heard)
      assert.match(heard.error, new RegExp(`${status}`))
    }
    assert.equal(server.clients.size, 0)
    await dialled()
  })
})
