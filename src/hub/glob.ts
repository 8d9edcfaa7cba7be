/** PURE: file patterns as dataset cards write them: `*` and `?` within a folder, `**` over folders, `[ab]`, `{a,b}`. */

import picomatch from 'picomatch'
import { ConfigError } from '../core/errors.ts'

/** Stars and double stars: more make matching slow, and no dataset needs them. */
const MOST_STARS = 5
const LONGEST = 400

/** A path that ends in a folder means everything in it. @throws ConfigError for a pattern that cannot be read */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/^\.?\//, '').replace(/\/$/, '/**')
  if (source !== '' && source.length < LONGEST && (source.match(/\*+/g) ?? []).length <= MOST_STARS) {
    // Parentheses are part of a file's name, as on the Hub.
    const literal = source.replace(/[()|]/g, '\\$&').replaceAll('[!', '[^')
    const pattern = picomatch.makeRe(literal, { dot: true })
    if (pattern instanceof RegExp) return pattern
  }
  throw new ConfigError(
    `${JSON.stringify(glob.slice(0, 80))} is not a file pattern; write one like data/train-*.parquet.`,
  )
}
