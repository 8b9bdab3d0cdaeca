/**
 * Every place that names the version of crate and package, as `{ place, version }`; the package's own comes first.
 *
 * @param read gives the text of a file of the repository
 */
export function namedVersions(read) {
  const pkg = JSON.parse(read('pkg/package.json'))
  const www = JSON.parse(read('www/package.json'))
  const { packages } = JSON.parse(read('package-lock.json'))
  const inCargoToml = /^\[workspace\.package\]\nversion = "([^"]*)"/m.exec(read('Cargo.toml'))
  const inCargoLock = (file) => /^name = "everwire"\nversion = "([^"]*)"/m.exec(read(file))
  return [
    { place: 'pkg/package.json', version: pkg.version },
    { place: 'Cargo.toml', version: inCargoToml?.[1] },
    { place: 'Cargo.lock', version: inCargoLock('Cargo.lock')?.[1] },
    { place: 'examples/yew/Cargo.lock', version: inCargoLock('examples/yew/Cargo.lock')?.[1] },
    { place: 'package-lock.json, packages, pkg', version: packages.pkg.version },
    { place: 'package-lock.json, packages, www', version: packages.www.dependencies.everwire },
    { place: 'www/package.json, dependencies', version: www.dependencies.everwire },
  ]
}
