import { blackHole } from './black-hole.mjs'
import { fleet } from './fleet.mjs'
import { gateway } from './gateway.mjs'
import { memory } from './memory.mjs'
import { message } from './message.mjs'
import { open } from './open.mjs'
import { react } from './react.mjs'
import { restart } from './restart.mjs'
import { size } from './size.mjs'

/**
 * What `npm run bench` measures, in the order of the page of results. Each part:
 *
 *   id             its name on the command line, and of its files in bench/results/
 *   title          one line, for people
 *   minutes        about how long it takes
 *   packages       npm packages of the workspace that take part, whose versions are told
 *   otherVersions  versions of what is no npm package of the workspace, by name: an async function, optional
 *   browsers       those that it drives: `chromium`, `firefox`
 *   targets        what is held against what, see support/summary.mjs
 *   run            measures: `async ({ quick, log }) => Measure[]`, see support/summary.mjs. `quick`: as few repetitions
 *                  as show that it works; `log(text)` tells of progress
 */
export const parts = [size, message, open, react, memory, restart, blackHole, fleet, gateway]
