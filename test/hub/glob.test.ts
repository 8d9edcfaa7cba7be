import { expect, test } from 'vitest'
import { ConfigError } from '../../src/core/errors.ts'
import { globPattern } from '../../src/hub/glob.ts'

test.each([
  ['data/train-*.parquet', 'data/train-0.parquet', 'data/x/train-0.parquet'],
  ['data/', 'data/b/c', 'database'],
  ['**/*.parquet', 'x/y/a.parquet', 'a.json'],
  ['**/*.parquet', 'a.parquet', 'a.parquet.gz'],
  ['./{a,b}/?.json', 'b/1.json', 'a/11.json'],
  ['[!a]x', 'bx', 'ax'],
  ['part (1).csv', 'part (1).csv', 'part 1.csv'],
  ['a+b|c.csv', 'a+b|c.csv', 'aab'],
  ['a[', 'a[', 'a'],
  ['**/a', '.hidden/a', 'b'],
])('%s takes %s and not %s', (glob, taken, left) => {
  expect(globPattern(glob).test(taken)).toBe(true)
  expect(globPattern(glob).test(left)).toBe(false)
})

test.each(['', '*a'.repeat(6), 'x'.repeat(400)])('%j is refused', (glob) => {
  expect(() => globPattern(glob)).toThrow(ConfigError)
})
