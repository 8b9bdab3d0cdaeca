// Set-up, PostgreSQL's server programs, for tests only: tests make a database cluster of their own and remove it.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isProgram, onPath } from './path-lookup.mjs'
import { Problem } from './problem.mjs'
import { installCommand, installPackages, mayInstall } from './system-packages.mjs'

const PACKAGES = { debian: 'postgresql', ubuntu: 'postgresql', macos: 'postgresql@17' }
/** Where Debian has them, a folder for each version: on no PATH. */
const DEBIAN = '/usr/lib/postgresql'
const CLUSTER_SETTINGS = '/etc/postgresql-common/createcluster.conf'

/** The folder with `initdb` and `postgres`; installs them if they are missing and this machine lets us. */
export async function ensurePostgresql() {
  let folder = findPostgresql()
  if (!folder && mayInstall()) {
    await installServer()
    folder = findPostgresql()
  }
  if (!folder) {
    throw new Problem(`The tests need PostgreSQL's initdb and postgres: not found. ${postgresqlRemedy()}`)
  }
  return folder
}

/** The folder with both programs: one on the PATH, else the newest version that Debian's packages brought. */
export function findPostgresql(debian = DEBIAN, path = process.env.PATH) {
  const initdb = onPath(['initdb'], path)
  const folders = [
    initdb && dirname(initdb),
    ...newestFirst(debian).map((version) => join(debian, version, 'bin')),
  ]
  return folders.find((folder) => folder && hasBoth(folder))
}

/** What to do where they are missing. */
export function postgresqlRemedy(system, isRoot) {
  const command = installCommand(PACKAGES, system, isRoot)
  return command
    ? `Run: ${command} (elsewhere than in ${DEBIAN}, put its folder of programs on the PATH)`
    : "Install its server with your system's package manager, and put its folder of programs on the PATH."
}

/**
 * Debian's package makes a cluster and starts it, for every version. Tests need only the programs, so while it comes,
 * its own switch is set that leaves this out.
 */
async function installServer() {
  await installPackages('postgresql-common', 'about 20 seconds', 'postgresql-common')
  await whileMakingNoCluster(() => installPackages('postgresql', 'about 30 seconds', PACKAGES.debian))
}

/** Runs `install` with the switch set. Whoever uses this machine may want a cluster of the next version: restored. */
export async function whileMakingNoCluster(install, file = CLUSTER_SETTINGS) {
  const before = contentOf(file)
  mkdirSync(dirname(file), { recursive: true })
  try {
    writeFileSync(file, withoutMainCluster(before ?? ''))
    await install()
  } finally {
    if (before === undefined) rmSync(file, { force: true })
    else writeFileSync(file, before)
  }
}

/** The settings with `create_main_cluster` off; what they say of it already, as a comment or not, is replaced. */
export function withoutMainCluster(settings) {
  const others = settings.split('\n').filter((line) => !/^\s*#?\s*create_main_cluster\b/.test(line))
  return `${others.join('\n').trimEnd()}\ncreate_main_cluster = false\n`.trimStart()
}

function contentOf(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return undefined
  }
}

const hasBoth = (folder) => ['initdb', 'postgres'].every((name) => isProgram(join(folder, name)))

function newestFirst(debian) {
  try {
    return readdirSync(debian).sort((one, other) => Number(other) - Number(one))
  } catch {
    return []
  }
}
