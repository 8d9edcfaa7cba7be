/** PURE: file patterns as dataset cards write them: `*` and `?` within a folder, `**` over folders, `[ab]`, `{a,b}`. */

import { ConfigError } from '../core/errors.ts'

/** More stars make matching slow, and no dataset needs them. */
const MOST_STARS = 12

/** A path that ends in a folder means everything in it. @throws ConfigError for a pattern that cannot be read */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/^\.?\//, '').replace(/\/$/, '/**')
  try {
    if (source.length < 400 && source.split('*').length <= MOST_STARS) return new RegExp(patternOf(source))
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
  }
  throw new ConfigError(`${JSON.stringify(glob.slice(0, 80))} is no file pattern; write one like data/train-*.parquet.`)
}

function patternOf(source: string): string {
  let pattern = ''
  let braces = 0
  for (let i = 0; i < source.length; i++) {
    const sign = source[i] ?? ''
    if (sign === '*' && source[i + 1] === '*') {
      const isFolder = source[i + 2] === '/'
      pattern += isFolder ? '(?:[^/]+/)*' : '.*'
      i += isFolder ? 2 : 1
    } else if (sign === '*') pattern += '[^/]*'
    else if (sign === '?') pattern += '[^/]'
    else if (sign === '[' && /^\[[^\]/\\]+\]/.test(source.slice(i))) {
      const end = source.indexOf(']', i)
      pattern += `[${source.slice(i + 1, end).replace(/^!/, '^')}]`
      i = end
    } else if (sign === '{') {
      braces++
      pattern += '(?:'
    } else if (sign === '}' && braces > 0) {
      braces--
      pattern += ')'
    } else if (sign === ',' && braces > 0) pattern += '|'
    else pattern += sign.replace(/[\\^$.*+?()[\]{}|]/, '\\$&')
  }
  return `^${pattern}${')'.repeat(braces)}$`
}
