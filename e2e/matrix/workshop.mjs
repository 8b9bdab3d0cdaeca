// Where the apps are installed: a folder outside the repository, whose node_modules cannot help them there.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { tailOf } from '../../scripts/announce.mjs'
import { explainEnd, startChild } from '../../scripts/child-processes.mjs'
import { inRoot, root } from '../../scripts/repository.mjs'

const run = promisify(execFile)
const LOG_LINES_SHOWN = 30

/** What a tool builds or installs when an app is run in place: not copied. */
const NOT_COPIED = new Set(['node_modules', 'dist', 'build', '.next', '.parcel-cache'])

/** No tool asks, colours or tells anybody of us. */
const QUIET = {
  CI: 'true',
  NO_COLOR: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  BROWSERSLIST_IGNORE_OLD_DATA: '1',
  DISABLE_OPENCOLLECTIVE: '1',
}

/**
 * The folder with the packed package as `pkg`, which the apps name as `file:../../pkg`: their lock files hold as they
 * are. npm copies it into their node_modules (`install-links`), as it would from the registry.
 */
export class Workshop {
  #folder

  static async open() {
    const workshop = new Workshop()
    const folder = mkdtempSync(join(tmpdir(), 'everwire-matrix-'))
    workshop.#folder = folder
    await run('npm', ['pack', './pkg', '--pack-destination', folder], { cwd: root })
    const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'))
    await run('tar', ['-xzf', join(folder, tarball), '-C', folder])
    renameSync(join(folder, 'package'), join(folder, 'pkg'))
    return workshop
  }

  close() {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** A copy of an app, with what its lock file says installed. */
  async install(id) {
    const folder = join(this.#folder, 'examples', id)
    mkdirSync(folder, { recursive: true })
    const isSource = (path) => !NOT_COPIED.has(basename(path))
    cpSync(inRoot('examples', id), folder, { recursive: true, filter: isSource })
    const installed = new Installed(id, folder)
    await installed.run(['npm', 'ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'])
    return installed
  }
}

/** An app in the workshop. Its programs write to target/matrix/ID.log. */
class Installed {
  #id

  constructor(id, folder) {
    this.#id = id
    this.folder = folder
    this.log = inRoot('target', 'matrix', `${id}.log`)
    rmSync(this.log, { force: true })
  }

  /** The version of a package in the app's lock file. */
  versionOf(name) {
    const lock = JSON.parse(readFileSync(join(this.folder, 'package-lock.json'), 'utf8'))
    return lock.packages[`node_modules/${name}`]?.version
  }

  /** Starts a program in the app's folder; see `startChild`. */
  start([command, ...args], env = {}, output = { log: this.log }) {
    return startChild(command, args, {
      cwd: this.folder,
      env: { ...process.env, ...QUIET, ...env },
      ...output,
    })
  }

  /** Runs a program to its end; throws with the end of its output if it fails. */
  async run(command, env) {
    const end = await this.start(command, env).ended
    if (end.code === 0) return
    const what = `examples/${this.#id}: \`${command.join(' ')}\` ${explainEnd(end)}`
    throw new Error(`${what}\n${tailOf(this.log, LOG_LINES_SHOWN)}`)
  }
}
