import { inRoot } from './repository.mjs'

/**
 * This script's environment for calls of Cargo: what is built is in `target/`, where scripts and README.md look for it,
 * whatever folder or platform the user's own builds are for.
 */
export function cargoEnvironment() {
  const { CARGO_BUILD_TARGET: _target, ...env } = process.env
  return { ...env, CARGO_TARGET_DIR: inRoot('target') }
}
