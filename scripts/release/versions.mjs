/**
 * Every place that names the version of crate and package, as `{ place, version }`; the package's own comes first.
 * Not the lock files of examples/: npm takes the package there from its folder, whatever version they name.
 *
 * @param read gives the text of a file of the repository
 */
export function namedVersions(read) {
  const pkg = JSON.parse(read('pkg/package.json'))
  const { workspaces } = JSON.parse(read('package.json'))
  const { packages } = JSON.parse(read('package-lock.json'))
  const inCargoToml = /^\[workspace\.package\]\nversion = "([^"]*)"/m.exec(read('Cargo.toml'))
  const inCargoLock = (file) => /^name = "everwire"\nversion = "([^"]*)"/m.exec(read(file))
  return [
    { place: 'pkg/package.json', version: pkg.version },
    { place: 'Cargo.toml', version: inCargoToml?.[1] },
    { place: 'Cargo.lock', version: inCargoLock('Cargo.lock')?.[1] },
    { place: 'examples/yew/Cargo.lock', version: inCargoLock('examples/yew/Cargo.lock')?.[1] },
    { place: 'package-lock.json, packages, pkg', version: packages.pkg.version },
    ...workspaces.flatMap((folder) => [
      ...dependedOn(`${folder}/package.json`, JSON.parse(read(`${folder}/package.json`))),
      ...dependedOn(`package-lock.json, packages, ${folder}`, packages[folder]),
    ]),
  ]
}

/** The versions of the package that a package.json, or its entry in a lock file, asks for. */
function dependedOn(place, manifest) {
  return ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']
    .filter((kind) => manifest[kind]?.everwire)
    .map((kind) => ({ place: `${place}, ${kind}`, version: manifest[kind].everwire }))
}
