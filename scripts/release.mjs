// Publishes package and crate: checks, tests, builds, packs, and shows what is in it. `npm run release` stops there and
// publishes nothing; `npm run release -- --publish` publishes, in CI (see CONTRIBUTING.md).
import { mkdirSync, rmSync } from 'node:fs'
import { endOnSignals, explainEnd, outputOf, startChild } from './child-processes.mjs'
import { Problem, runMain } from './problem.mjs'
import {
  checkChangelog,
  checkProvenance,
  checkRepository,
  checkTree,
  checkVersions,
} from './release/checks.mjs'
import { inRoot, readInRoot } from './repository.mjs'

const packed = inRoot('target', 'release-package')

await runMain(async () => {
  endOnSignals()
  const options = process.argv.slice(2)
  const unknown = options.find((option) => !['--publish', '--skip-tests'].includes(option))
  if (unknown) throw new Problem(`There is no option ${unknown}; there are --publish and --skip-tests.`)
  const publishes = options.includes('--publish')
  if (publishes && options.includes('--skip-tests'))
    throw new Problem('What is published is tested: leave out --skip-tests.')

  const obstacles = await findObstacles(publishes)
  for (const obstacle of obstacles) console.error(`✗ ${obstacle}\n`)
  if (publishes && obstacles.length > 0) throw new Problem('Nothing was published: see above.')
  if (!options.includes('--skip-tests')) await run('npm', ['test'])
  const tarball = await pack()
  const crate = ['package', '-p', 'everwire', '--locked', ...(publishes ? [] : ['--allow-dirty'])]
  await run('cargo', [...crate, '--list'])
  // Compiles what is packed.
  await run('cargo', crate)
  if (publishes) await publish(tarball)
  else console.log('\nA dry run: nothing was published. With --publish it is.')
  if (obstacles.length > 0)
    throw new Problem(`This is in the way of a release: ${obstacles.length}, see above.`)
})

async function findObstacles(publishes) {
  const status = await outputOf('git', ['status', '--porcelain'])
  const obstacles = [
    status === undefined ? 'git does not answer, so nobody knows what is committed.' : checkTree(status),
    checkVersions(readInRoot),
    checkChangelog(readInRoot),
    checkRepository(readInRoot),
    publishes && checkProvenance(process.env),
  ]
  return obstacles.filter(Boolean)
}

/** Builds and packs the npm package, and says what is in it. Returns the tarball's path. */
async function pack() {
  await run(process.execPath, ['scripts/build.mjs'])
  rmSync(packed, { recursive: true, force: true })
  mkdirSync(packed, { recursive: true })
  await run('npm', ['pack', './pkg', '--pack-destination', packed])
  const { name, version } = JSON.parse(readInRoot('pkg', 'package.json'))
  return `${packed}/${name}-${version}.tgz`
}

async function publish(tarball) {
  await run('npm', ['publish', tarball, '--provenance', '--access', 'public'])
  try {
    await run('cargo', ['publish', '--locked', '-p', 'everwire'])
  } catch (error) {
    throw new Problem(
      `${error.message} npm has this version already; crates.io does not: run that command again.`,
    )
  }
}

async function run(command, args) {
  const end = await startChild(command, args).ended
  if (end.code !== 0) throw new Problem(`${[command, ...args].join(' ')} ${explainEnd(end)}.`)
}
