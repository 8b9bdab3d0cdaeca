import { describe } from 'node:test'
import { describeConnecting } from './behaviour/connecting.mjs'
import { describeDiagnosing } from './behaviour/diagnosing.mjs'
import { describeDropping } from './behaviour/dropping.mjs'
import { describeFailingCore } from './behaviour/failing_core.mjs'
import { describeFaults } from './behaviour/faults.mjs'
import { describeHandOver } from './behaviour/hand_over.mjs'
import { describeHeartbeat } from './behaviour/heartbeat.mjs'
import { describePageLife } from './behaviour/page_life.mjs'
import { describeReceiving } from './behaviour/receiving.mjs'
import { describeReEntering } from './behaviour/re_entering.mjs'
import { describeRequesting } from './behaviour/requesting.mjs'
import { describeSeeing } from './behaviour/seeing.mjs'
import { describeSending } from './behaviour/sending.mjs'
import { describeStopping } from './behaviour/stopping.mjs'
import { describeTokens } from './behaviour/tokens.mjs'

/** How a client behaves, on whichever engine it runs: real sockets and a real server, one topic a file. */
export function describeBehaviour(engine) {
  describe(`a client on the engine ${engine}`, () => {
    describeConnecting(engine)
    describeTokens()
    describeDiagnosing()
    describeHeartbeat()
    describeHandOver()
    describePageLife()
    describeSending()
    describeRequesting()
    describeReceiving()
    describeStopping()
    describeReEntering()
    describeFailingCore()
    describeSeeing()
    describeDropping()
    describeFaults()
  })
}
