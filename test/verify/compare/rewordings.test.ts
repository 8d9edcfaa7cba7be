import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { judge } from '../../../src/verify/decide.ts'

// One pair a line: gold answer ||| completion that gives it.
const PAIRS = readFileSync(new URL('./rewordings.txt', import.meta.url), 'utf8')

const ROWS = PAIRS.split('\n').flatMap((line) => {
  const [gold, text] = line.split(' ||| ')
  return gold === undefined || text === undefined ? [] : [[gold, text] as const]
})

test('there are hundreds of them', () => {
  expect(ROWS.length).toBeGreaterThan(300)
})

test.each(ROWS)('%s is what %s says', (gold, text) => {
  expect(judge(gold, text)).toMatchObject({ kind: 'correct' })
})
