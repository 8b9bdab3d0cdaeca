import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { blackHole } from '../server.mjs'
import { until } from '../watch.mjs'
import { useServer } from './setting.mjs'

export function describeDropping() {
  describe('dropping, to see what an app does', () => {
    const { server, make, open } = useServer()

    it('is to the client as a lost network: it says so, retries, and tells of the gap', async () => {
      const { client, watch } = await open()
      client.drop()
      const { status, cause, why, closeCode } = client.state
      assert.deepEqual([status, cause, closeCode], ['waiting', 'socket-closed', 1006])
      assert.equal(why, 'the connection broke')
      assert.equal(client.explain().counters.drops, 1)
      await watch.status('open')
      assert.equal(server.handshakes.length, 2)
      await until(() => watch.gaps.length === 1, 'the gap')
    })

    it('closes the socket for the server, too, and hears nothing more of it', async () => {
      const { client, watch } = await open({ firstRetryMs: 60_000, maxRetryMs: 60_000 })
      const socket = server.newest
      client.drop()
      socket.send('"too late"')
      await until(() => server.sockets.size === 0, 'the server to see it closed')
      assert.deepEqual(watch.messages, [])
    })

    it('does not know what became of a message whose answer it waited for', async () => {
      const { client } = await open()
      const sending = client.send({ action: 'markRead' }, { acknowledge: true })
      client.drop()
      assert.equal(await sending, 'unknown')
    })

    it('may be called from inside an event', async () => {
      const { client, watch } = make()
      client.addEventListener('statechange', ({ state }) => {
        if (state.status === 'open' && state.generation === 1) client.drop()
      })
      void client.open()
      await until(() => client.isConnected && client.state.generation > 1, 'the second socket')
      assert.equal(watch.gaps.length, 1)
    })

    it('does nothing where no socket is open: never opened, connecting, waiting, closed', async () => {
      const { client, watch } = make()
      client.drop()
      assert.equal(client.state.why, 'never opened')

      const hole = await blackHole()
      const connecting = make({ url: hole.url })
      void connecting.client.open()
      await connecting.watch.status('connecting')
      connecting.client.drop()
      assert.equal(connecting.client.state.status, 'connecting')
      connecting.client.dispose()
      hole.stop()

      await client.open()
      await server.stop()
      await watch.status('waiting')
      const waiting = client.state
      client.drop()
      assert.equal(client.state, waiting)
      client.close()
      client.drop()
      assert.equal(client.state.cause, 'close-called')
      await server.start()
    })
  })
}
