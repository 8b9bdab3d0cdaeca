import assert from 'node:assert/strict'
import { after, afterEach, beforeEach, describe, it } from 'node:test'
import { closeWindow } from './dom.mjs'
import {
  Activity,
  createElement,
  Fragment,
  StrictMode,
  Suspense,
  use as read,
  useEffect,
  useLayoutEffect,
} from 'react'
import { flushSync } from 'react-dom'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { WebSocket } from 'ws'
import WSClient, { WSClient as Base } from '../dist/index.js'
import useWebSocketClient, {
  configure,
  useClientEvent,
  useConnectionState,
  useLatest,
  useMessage,
  useMessages,
  useRequest,
  WebSocketProvider,
} from '../dist/react.js'
import { QUICK } from './behaviour/setting.mjs'
import { Server } from './server.mjs'
import { until } from './watch.mjs'

const OPTIONS = { ...QUICK, lingerMs: 20, WebSocket }
const server = new Server()
const other = new Server()
const roots = []

beforeEach(async () => {
  await server.startAnew()
  await other.startAnew()
})
afterEach(async () => {
  for (const root of roots.splice(0)) root.unmount()
  await server.stop()
  await other.stop()
})
after(closeWindow)

/** Mounts what React makes of it, in StrictMode, and gives what shows another element in its place. */
function mount(element, Mode = StrictMode) {
  const root = createRoot(document.createElement('div'))
  roots.push(root)
  const show = (element) => flushSync(() => root.render(createElement(Mode, undefined, element)))
  show(element)
  return show
}

/** A component that calls `use` in a provider for the server, and counts its renders in `use.renders`. */
function provided(use, props) {
  // The same for the same function, so that showing it again is another render, and no other component.
  use.Component ??= () => {
    use.renders = (use.renders ?? 0) + 1
    use.result = use()
    return null
  }
  return createElement(
    WebSocketProvider,
    { url: server.url, ...OPTIONS, ...props },
    createElement(use.Component),
  )
}

const pushTo = (server, ...messages) => {
  for (const message of messages) server.push(JSON.stringify(message))
}
const push = (...messages) => pushTo(server, ...messages)
const price = (value) => ({ action: 'price', value })
const sockets = (count, of = server) => until(() => of.sockets.size === count, `${count} sockets`)
const received = (count) => until(() => server.received.length >= count, `${count} messages`)

describe('useMessage', () => {
  it('hands over every message of its action, in order, and renders nothing', async () => {
    const values = []
    const use = () => useMessage('price', ({ value }) => values.push(value))
    mount(provided(use), Fragment)
    await sockets(1)
    push(...Array.from({ length: 1000 }, (_, value) => price(value)), { action: 'other' })
    await until(() => values.length >= 1000, 'all messages')
    assert.deepEqual(
      values,
      Array.from({ length: 1000 }, (_, value) => value),
    )
    assert.equal(use.renders, 1)
  })

  it('hands over each message once in StrictMode, to the handler of the latest render', async () => {
    const heard = []
    const Component = ({ name }) => {
      useMessage((message, event) => heard.push([name, message, event.type]))
    }
    const at = (name) =>
      createElement(WebSocketProvider, { url: server.url, ...OPTIONS }, createElement(Component, { name }))
    const show = mount(at('first'))
    await sockets(1)
    show(at('second'))
    push('x')
    await until(() => heard.length > 0, 'a message')
    assert.deepEqual(heard, [['second', 'x', 'onwebsocketmessage']])
    assert.equal(server.handshakes.length, 1)
  })
})

describe('sending as soon as a component is mounted', () => {
  const sending = (then) => () => {
    const { client } = useWebSocketClient()
    useEffect(() => then(client), [client])
  }

  it('waits for the socket', async () => {
    const sent = []
    mount(provided(sending((client) => void sent.push(client.send({ n: sent.length })))))
    await received(2)
    assert.deepEqual(server.received, [{ n: 0 }, { n: 1 }], 'StrictMode runs the effect twice')
    assert.equal(await sent[0], 'handed-over')
  })

  it('waits, too, for a client that was open before and has been closed', async () => {
    const client = new WSClient({ url: server.url, ...QUICK })
    const sent = []
    const Client = function () {
      return client
    }
    const use = sending((client) => void sent.push(client.send('again')))
    await client.open()
    client.close()
    mount(provided(use, { Client, user: 'closed before' }), Fragment)
    await received(1)
    assert.equal(await sent[0], 'handed-over')
  })

  it('is told off when the same commit closes the client, which then stays closed', async () => {
    let sent
    const use = sending((client) => {
      sent = client.send('never')
      client.close()
    })
    mount(provided(use))
    await assert.rejects(sent, { code: 'closed' })
    await new Promise((turn) => setImmediate(turn))
    assert.equal(server.handshakes.length, 0)
  })
})

describe('WebSocketProvider', () => {
  const use = () => useWebSocketClient().client

  it('opens one client for all that are in it, and closes it when it has gone', async () => {
    const show = mount(createElement(Fragment, undefined, provided(use), provided(use)))
    await sockets(1)
    assert.equal(server.handshakes.length, 1)
    show(null)
    await sockets(0)
  })

  it('counts before one that is further out, and before configure()', async () => {
    configure({ url: 'ws://127.0.0.1:1/never', ...OPTIONS })
    const outer = createElement(WebSocketProvider, { url: other.url, ...OPTIONS }, provided(use))
    mount(outer)
    await sockets(1)
    await sockets(1, other)
    await until(() => use.result.isConnected, 'the inner client')
    let heard
    use.result.addEventListener('onwebsocketmessage', ({ message }) => (heard = message))
    push('inner')
    await until(() => heard === 'inner', 'the message of the inner server')
  })

  it('gives another user another client, with a token of its own', async () => {
    const as = (user) => provided(use, { user, token: () => `of-${user}` })
    const show = mount(as('alice'))
    await sockets(1)
    const first = use.result
    show(as('bob'))
    await until(() => server.handshakes.length === 2, 'a second handshake')
    assert.notEqual(use.result, first)
    assert.deepEqual(
      server.handshakes.map((url) => url.searchParams.get('token')),
      ['of-alice', 'of-bob'],
    )
    await sockets(1)
  })

  it('opens nothing while it is not enabled, nor do the hooks in it', async () => {
    const use = () => useMessage(() => undefined)
    const show = mount(provided(use, { enabled: false, user: 'not yet' }))
    await new Promise((turn) => setImmediate(turn))
    assert.equal(server.handshakes.length, 0)
    show(provided(use, { enabled: true, user: 'not yet' }))
    await sockets(1)
    show(provided(use, { enabled: false, user: 'not yet' }))
    await sockets(0)
  })

  it('leaves a client that the app gives it to the app', async () => {
    const client = new WSClient({ url: server.url, ...QUICK })
    const show = mount(createElement(WebSocketProvider, { client }, provided(use, { url: undefined })))
    assert.equal(client.state.status, 'closed')
    await client.open()
    show(null)
    assert.equal(client.isConnected, true)
    client.dispose()
  })

  it('makes the client of the class that it is given', async () => {
    class Slim extends Base {}
    mount(provided(use, { Client: Slim, user: 'slim' }))
    assert.ok(use.result instanceof Slim)
  })
})

describe('a tree that a Suspense fallback hides', () => {
  /** What suspends its tree until it is told to go on. */
  function curtain() {
    let open
    const opened = new Promise((done) => (open = done))
    return { open, Held: ({ isHeld }) => (isHeld ? read(opened) : null) }
  }

  it('loses no message, and shows those that came meanwhile', async () => {
    const { open, Held } = curtain()
    const heard = []
    const use = () => {
      useMessage((message) => heard.push(message))
      return useMessages().messages.map(({ message }) => message)
    }
    const at = (isHeld) =>
      createElement(
        Suspense,
        { fallback: 'Wait' },
        provided(use, { user: 'hidden by a fallback' }),
        createElement(Held, { isHeld }),
      )
    const show = mount(at(false))
    await sockets(1)
    push('before')
    await until(() => heard.length === 1, 'the first message')
    show(at(true))
    push('during')
    await until(() => heard.length === 2, 'the second message')
    open()
    push('after')
    await until(() => use.result.length === 3, 'all three')
    assert.deepEqual(heard, ['before', 'during', 'after'])
    assert.deepEqual(use.result, heard)
  })

  it('leaves a client closed that was closed before, and refuses what is sent', async () => {
    const { open, Held } = curtain()
    const use = () => useWebSocketClient().client
    const at = (isHeld) =>
      createElement(
        Suspense,
        { fallback: 'Wait' },
        provided(use, { user: 'signed out' }),
        createElement(Held, { isHeld }),
      )
    const show = mount(at(false))
    await sockets(1)
    use.result.close()
    const { renders } = use
    show(at(true))
    open()
    await until(() => use.renders > renders, 'the tree to be back')
    await new Promise((turn) => setImmediate(turn))
    await assert.rejects(use.result.send('y'), { code: 'closed' })
  })
})

describe('a page that takes the place of another', () => {
  it('has an open client, also if its effects take longer than the client lingers', async () => {
    const use = () => {
      useMessage(() => undefined)
      useLayoutEffect(() => {
        // The last page has gone; no effect has run yet.
        for (const end = Date.now() + 60; Date.now() < end;);
      })
    }
    const at = (key) => createElement(Fragment, { key }, provided(use, { user: 'pages', lingerMs: 20 }))
    const root = createRoot(document.createElement('div'))
    roots.push(root)
    root.render(at('one'))
    await sockets(1)
    root.render(at('two'))
    await until(() => use.renders >= 2, 'the second page')
    let open
    const Look = () => {
      open = useConnectionState(({ status }) => status === 'open')
    }
    root.render(
      createElement(
        Fragment,
        undefined,
        at('two'),
        provided(() => Look(), { user: 'pages' }),
      ),
    )
    await until(() => open, 'an open client')
  })
})

describe('a page that a server has rendered', () => {
  it('is taken over without a difference, and connects', async () => {
    const use = () => [useConnectionState(({ status }) => status), useMessages().messages.length, useLatest()]
    const Shown = () => JSON.stringify(use())
    const element = createElement(
      StrictMode,
      undefined,
      createElement(
        WebSocketProvider,
        { url: server.url, ...OPTIONS, user: 'hydrated' },
        createElement(Shown),
      ),
    )
    const container = document.createElement('div')
    container.innerHTML = renderToString(element)
    const shown = () => JSON.parse(container.textContent)
    assert.deepEqual(shown(), ['closed', 0, null])
    const differences = []
    roots.push(
      hydrateRoot(container, element, { onRecoverableError: (error) => differences.push(error.message) }),
    )
    await until(() => shown()[0] === 'open', 'open')
    push('hello')
    await until(() => shown()[1] === 1, 'a message')
    assert.deepEqual(shown(), ['open', 1, 'hello'])
    assert.deepEqual(differences, [])
  })
})

describe('a hidden Activity', () => {
  it('lets the client close, and opens it when it is shown again', async () => {
    const use = () => useMessage(() => undefined)
    const at = (mode) => createElement(Activity, { mode }, provided(use, { user: 'hidden' }))
    const show = mount(at('visible'), Fragment)
    await sockets(1)
    show(at('hidden'))
    await sockets(0)
    show(at('visible'))
    await sockets(1)
  })
})

describe('useLatest', () => {
  it('shows the last value of a burst, and renders once a frame', async () => {
    const use = () => useLatest('price', ({ value }) => value)
    mount(provided(use), Fragment)
    await sockets(1)
    assert.equal(use.result, undefined)
    const since = performance.now()
    push(...Array.from({ length: 500 }, (_, value) => price(value)))
    await until(() => use.result === 499, 'the last price')
    // jsdom has 60 frames in a second; each renders once at most, and the first render is none of them.
    const frames = Math.ceil((performance.now() - since) / (1000 / 60)) + 1
    assert.ok(use.renders - 1 <= frames, `${use.renders} renders in ${frames} frames`)
  })

  it('passes over what the selector gives undefined for, and what is equal', async () => {
    const selected = []
    const use = () => {
      const latest = useLatest(
        ({ value }) => {
          selected.push(value)
          return value < 0 ? undefined : { value }
        },
        { isEqual: (a, b) => a.value === b.value },
      )
      useEffect(() => void (use.shown ??= []).push(latest?.value), [latest])
    }
    mount(provided(use), Fragment)
    await sockets(1)
    push(price(1))
    await until(() => use.shown.includes(1), 'the price')
    push(price(1), price(-1))
    await until(() => selected.length === 3, 'all messages')
    push(price(2))
    await until(() => use.shown.includes(2), 'the next price')
    assert.deepEqual(use.shown, [undefined, 1, 2])
    assert.deepEqual(selected, [1, 1, -1, 2])
  })

  it('shows nothing of one user to the next, and nothing of another action, in any render', async () => {
    const rendered = []
    const Shown = ({ user, action }) => {
      const latest = useLatest(action)
      const { messages } = useMessages({ action })
      rendered.push([user, action, latest?.value, messages.length])
    }
    const at = (user, action) =>
      createElement(
        WebSocketProvider,
        { url: server.url, ...OPTIONS, user },
        createElement(Shown, { user, action }),
      )
    const show = mount(at('alice', 'price'), Fragment)
    await sockets(1)
    push(price(7))
    await until(() => rendered.some(([, , value, count]) => value === 7 && count === 1), 'the price')
    show(at('bob', 'price'))
    await until(() => server.handshakes.length === 2, 'the other client')
    await sockets(1)
    push(price(8))
    await until(() => rendered.some(([user, , value]) => user === 'bob' && value === 8), 'the price')
    show(at('bob', 'weather'))
    for (const [user, action, value, count] of rendered) {
      if (user === 'bob') assert.notEqual(value, 7)
      if (action === 'weather') assert.deepEqual([value, count], [undefined, 0])
    }
    assert.deepEqual(rendered.at(-1), ['bob', 'weather', undefined, 0])
  })
})

describe('useMessages', () => {
  const use = () => useMessages({ action: 'price', limit: 3 })
  const values = () => use.result.messages.map(({ message }) => message.value)

  it('keeps the latest, and counts those that it drops', async () => {
    mount(provided(use))
    await sockets(1)
    push(price(1), { action: 'other' }, price(2))
    await until(() => values().length === 2, 'two messages')
    const [, { key }] = use.result.messages
    push(price(3), price(4), price(5))
    await until(() => values().at(-1) === 5, 'the last message')
    assert.deepEqual(values(), [3, 4, 5])
    assert.equal(use.result.dropped, 2)
    const keys = use.result.messages.map(({ key }) => key)
    assert.deepEqual(keys, [key + 1, key + 2, key + 3])
    assert.equal(use.result.messages[0].event.message.value, 3)
  })

  it('counts what a burst between two frames drops', async () => {
    mount(provided(use, { user: 'burst' }))
    await sockets(1)
    push(...Array.from({ length: 1000 }, (_, value) => price(value)))
    await until(() => values().at(-1) === 999, 'the last message')
    assert.deepEqual(values(), [997, 998, 999])
    assert.equal(use.result.dropped, 997)
  })

  it('drops at once what a lower limit has no room for', async () => {
    const use = () => useMessages({ limit: use.limit })
    use.limit = 3
    const show = mount(provided(use, { user: 'lower' }))
    await sockets(1)
    push(1, 2, 3)
    await until(() => use.result.messages.length === 3, 'three messages')
    use.limit = 1
    show(provided(use, { user: 'lower' }))
    await until(() => use.result.messages.length === 1, 'one message')
    assert.equal(use.result.dropped, 2)
  })

  it('renders nothing where there is nothing to forget', async () => {
    const use = () => useMessages()
    mount(provided(use, { user: 'nothing' }), Fragment)
    const { renders } = use
    flushSync(() => use.result.clear())
    assert.equal(use.renders, renders)
  })

  it('forgets them when it is told to', async () => {
    mount(provided(use, { user: 'clear' }))
    await sockets(1)
    push(price(1))
    await until(() => values().length === 1, 'a message')
    flushSync(() => use.result.clear())
    assert.deepEqual(values(), [])
    push(price(2))
    await until(() => values().length === 1, 'another message')
    assert.deepEqual(values(), [2])
  })
})

describe('useRequest', () => {
  const use = () => useRequest((n) => ({ action: 'double', n }), { timeoutMs: use.timeoutMs })
  const answer = ({ id, n }, socket) => socket.send(JSON.stringify({ id, twice: 2 * n }))

  it('shows that the answer is waited for, and then the answer', async () => {
    server.onMessage = answer
    mount(provided(use))
    assert.equal(use.result.isPending, false)
    let promise
    flushSync(() => (promise = use.result.request(21)))
    assert.equal(use.result.isPending, true)
    assert.equal((await promise).twice, 42)
    await until(() => !use.result.isPending, 'the answer')
    assert.equal(use.result.answer.twice, 42)
  })

  it('shows the error, until it is reset', async () => {
    use.timeoutMs = 1
    mount(provided(use, { user: 'error' }))
    await sockets(1)
    flushSync(() => use.result.request(1).catch(() => undefined))
    await until(() => use.result.error, 'the error')
    assert.equal(use.result.error.code, 'outcome-unknown')
    flushSync(() => use.result.reset())
    assert.equal(use.result.error, undefined)
    use.timeoutMs = undefined
  })

  it('shows the latest request only, whichever is answered last', async () => {
    const waiting = []
    server.onMessage = (message, socket) => {
      waiting.push(() => answer(message, socket))
      if (waiting.length === 2) for (const reply of waiting.reverse()) reply()
    }
    mount(provided(use, { user: 'latest' }))
    const [first, second] = flushSync(() => [use.result.request(1), use.result.request(2)])
    assert.deepEqual([(await first).twice, (await second).twice], [2, 4])
    await until(() => !use.result.isPending, 'the answer')
    assert.equal(use.result.answer.twice, 4)
  })

  it('shows nothing of what another client was asked', async () => {
    server.onMessage = answer
    const rendered = []
    const shown = () => {
      const result = use()
      rendered.push([result.answer?.twice, result.isPending])
      return result
    }
    const show = mount(provided(shown, { user: 'alice asks' }), Fragment)
    await shown.result.request(1)
    await until(() => shown.result.answer, 'the answer')
    const count = rendered.length
    show(provided(shown, { user: 'bob asks' }))
    assert.deepEqual(rendered.slice(count), [[undefined, false]])
    assert.equal((await shown.result.request(2)).twice, 4)
    await until(() => shown.result.answer?.twice === 4, 'the answer')
  })

  it('takes nothing back when the component has gone', async () => {
    const show = mount(provided(use, { user: 'gone', lingerMs: 2000 }))
    use.result.request(1).catch(() => undefined)
    show(null)
    await received(1)
    assert.equal(server.received[0].n, 1)
  })
})

describe('useConnectionState', () => {
  it('renders for a change of what it selects, and for no other', async () => {
    const use = () => useConnectionState(({ status }) => status === 'open')
    mount(provided(use, { user: 'selects' }), Fragment)
    await until(() => use.result, 'open')
    assert.equal(use.renders, 2)
  })

  it('may select a new object each time', async () => {
    const use = () => useConnectionState(({ status, attempt }) => ({ status, attempt }))
    mount(provided(use, { user: 'objects' }))
    await until(() => use.result.status === 'open', 'open')
    assert.equal(use.result.attempt, 0)
  })

  it('opens nothing by itself', async () => {
    const client = new WSClient({ url: server.url, ...QUICK })
    let state
    const Component = () => {
      state = useConnectionState({ client })
    }
    mount(createElement(Component))
    assert.equal(state.status, 'closed')
    await new Promise((turn) => setImmediate(turn))
    assert.equal(server.handshakes.length, 0)
  })
})

describe('useClientEvent', () => {
  it('hands over the gap after a lost socket', async () => {
    const gaps = []
    const use = () => useClientEvent('gap', ({ ms }) => gaps.push(ms))
    mount(provided(use, { user: 'gap' }))
    await sockets(1)
    server.cutSockets()
    await until(() => gaps.length > 0, 'a gap')
    assert.equal(gaps.length, 1)
  })
})
