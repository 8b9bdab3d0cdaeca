import { describe } from 'node:test'
import { describeAct } from './act.mjs'
import { describeClientsFromBefore } from './before.mjs'
import { describeClosing } from './closing.mjs'
import { describeConnections } from './connections.mjs'
import { describeFakedTimers } from './faked_timers.mjs'
import { describeMessages } from './messages.mjs'
import { describeMistakes } from './mistakes.mjs'
import { describeTime } from './time.mjs'

/** What `everwire/testing` promises, with the real client on whichever engine. */
export function describeTesting(engine) {
  describe(`everwire/testing, with a client on the engine ${engine}`, () => {
    describeMessages()
    describeConnections(engine)
    describeClosing()
    describeFakedTimers()
    describeTime()
    describeClientsFromBefore()
    describeMistakes()
    describeAct()
  })
}
