/* global tokens, it, sendEchoes, sendAcknowledged -- what the test of random faults has put into the page */
import { faults } from './faults.mjs'

/** Statuses that gateways answer handshakes with. */
const STATUSES = [401, 403, 429, 500, 503]
const DIRECTIONS = ['up', 'down', 'both']

/**
 * Everything that can go wrong, one function each, that draws its details from `random` and gives a word on what it
 * did. All times are short, so that the client meets them often; none outlasts the next `heal`.
 */
const TROUBLES = {
  'connections reset': ({ proxy }) => proxy.live(faults.reset()),
  'connections closed': ({ proxy }) => proxy.live(faults.close()),
  'connections in a black hole': ({ proxy, random }) => proxy.live(faults.blackHole(random.pick(DIRECTIONS))),
  'connections half closed': ({ proxy, random }) => proxy.live(faults.halfClose(random.pick(['up', 'down']))),
  'connections cut soon': ({ proxy, random }) => {
    proxy.live(faults.cutAfter(random.int(1, 400), random.pick(['up', 'down'])))
  },
  'everything slow': ({ proxy, random }) => {
    const delay = faults.delay({ up: random.int(0, 60), down: random.int(0, 60) })
    proxy.live(delay)
    proxy.always(delay)
  },
  'listener gone': ({ proxy }) => proxy.refuse(),
  'next reset': ({ proxy, random }) => proxy.next(random.int(1, 2), faults.reset()),
  'next closed': ({ proxy, random }) => proxy.next(random.int(1, 2), faults.close()),
  'next in a black hole': ({ proxy, random }) => {
    proxy.next(1, faults.blackHole(random.pick(DIRECTIONS)))
  },
  'next closed after the answer': ({ proxy, random }) => {
    proxy.next(random.int(1, 3), faults.closeAfterAnswer())
  },
  'next cut soon': ({ proxy, random }) => proxy.next(1, faults.cutAfter(random.int(1, 400))),
  'next refused': ({ proxy, random }) => proxy.next(random.int(1, 3), faults.answer(random.pick(STATUSES))),
  healed: ({ proxy }) => proxy.heal(),
  'token rejected': ({ run }) => run(() => void tokens.push('reject')),
  'token hangs': ({ run }) => run(() => void tokens.push('hang')),
  'token slow': ({ run, random }) => run((_, ms) => void tokens.push(ms), random.int(1, 250)),
  'reconnect()': ({ run }) => run(() => it.client.reconnect()),
  'rotate()': ({ run }) => run(() => void it.client.rotate().catch(() => undefined)),
  'an acknowledged message': ({ run }) => run(() => sendAcknowledged()),
  'offline, online': ({ run }) => {
    return run(() => ['offline', 'online'].forEach((type) => void window.dispatchEvent(new Event(type))))
  },
  'page frozen': ({ run }) => run(() => void document.dispatchEvent(new Event('resume'))),
  'page stored and shown': ({ run }) => {
    return run(() => {
      for (const type of ['pagehide', 'pageshow']) {
        window.dispatchEvent(new PageTransitionEvent(type, { persisted: true }))
      }
    })
  },
  // The messages may be sent, or refused.
  'messages, close(), open()': ({ run, random }) => {
    const actions = (_, count) => {
      sendEchoes(count)
      it.client.close()
      void it.open()
    }
    return run(actions, random.int(0, 3))
  },
  messages: ({ run, random }) => run((_, count) => void sendEchoes(count), random.int(1, 5)),
  'more messages': ({ run, random }) => run((_, count) => void sendEchoes(count), random.int(1, 5)),
  // Whether anybody hears it is left open: nobody may be connected.
  notification: ({ gateway, user }) => gateway.push(user, { title: 'news' }).catch(() => undefined),
}

/**
 * Makes one trouble at random; its name. One in four is an end to all of them: else the client would spend most of its
 * time out of reach of further ones.
 */
export async function trouble(stage, random) {
  const name = random.int(1, 4) === 1 ? 'healed' : random.pick(Object.keys(TROUBLES))
  const { proxy, run, gateway, user } = stage
  await TROUBLES[name]({ proxy, run, gateway, user, random })
  // What awaits the next connection is met only if there is one.
  if (name.startsWith('next') && random.int(0, 1) === 1) proxy.live(faults.reset())
  return name
}
