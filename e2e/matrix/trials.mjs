// How an app is tried. Each gives `{ how, run }`; `run` takes the installed app, a gateway, a browser and the
// environment of the app's programs, and tells its Observations what it sees.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { explainEnd } from '../../scripts/child-processes.mjs'
import { freePort, untilAnswers } from '../../scripts/ports.mjs'
import { serve } from '../support/site.mjs'
import { seePage } from './see-page.mjs'
import { seeProgram } from './see-program.mjs'

/** Built by its script `build`; `folder` is served as files. */
export function builtPage({ folder }) {
  const { run } = staticPage({ folder })
  return {
    how: 'built',
    run: async (observed, setting) => {
      await observed.see('rendered', () => setting.app.run(['npm', 'run', 'build'], setting.env))
      return run(observed, setting)
    },
  }
}

/** Files that are served as they are. */
export function staticPage({ folder }) {
  return {
    how: 'static files',
    run: async (observed, setting) => {
      const site = await serve({ '/': join(setting.app.folder, folder) })
      const url = `${site.url}?gateway=${new URL(setting.gateway.url).host}`
      try {
        return await seePage(observed, { ...setting, url })
      } finally {
        await site.stop()
      }
    },
  }
}

/** Served by a server of its tool's, after its script `build` if there is one. */
export function servedPage({ how, build, script, args, isServerRendered }) {
  return {
    how,
    run: async (observed, { app, env, ...setting }) => {
      if (build) await observed.see('rendered', () => app.run(['npm', 'run', build], env))
      const port = String(await freePort())
      // Next's development server answers no page at 127.0.0.1.
      const url = `http://localhost:${port}/`
      const server = app.start(['npm', 'run', script, '--', ...args(port)], env)
      try {
        const purpose = `the server (${app.log})`
        await observed.see('rendered', () => untilAnswers(url, { purpose, ended: server.ended }))
        const seen = await seePage(observed, { ...setting, url, isServerRendered })
        // What a development server sends is not what users download.
        return build ? seen : {}
      } finally {
        await server.end()
      }
    },
  }
}

/** A program for Node that prints each state and each notification. */
export function program({ how, script }) {
  return { how, run: (observed, setting) => seeProgram(observed, { ...setting, script }) }
}

/** The app's own tests, on a fake server: they render the app, connect, push to it, drop it and push again. */
export function testRun({ how }) {
  return {
    how,
    run: async (observed, { app }) => {
      const lines = []
      const end = await app.start(['npm', 'test'], {}, { onLine: (line) => lines.push(line) }).ended
      const output = lines.join('\n')
      const passed = () => assert.equal(end.code, 0, `its tests: ${explainEnd(end)}\n${output}`)
      for (const what of ['rendered', 'connected', 'message', 'reconnected']) await observed.see(what, passed)
      // What test runners write above each output of console.warn() and console.error().
      await observed.see('clean', () => assert.doesNotMatch(output, /console\.(warn|error)|^stderr \|/m))
    },
  }
}
