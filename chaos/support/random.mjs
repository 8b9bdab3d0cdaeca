import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Random choices that a seed repeats. */
export function randomFrom(seed) {
  const generator = xoroshiro128plus(seed)
  /** A whole number from `least` to `most`. */
  const int = (least, most) => uniformInt(generator, least, most)
  const pick = (list) => list[int(0, list.length - 1)]
  return { int, pick }
}

/** The seed that the environment names, or a new one. */
export function seedFrom(variable) {
  const given = process.env[variable]
  return given ? Number(given) : Math.floor(Math.random() * 2 ** 31)
}
