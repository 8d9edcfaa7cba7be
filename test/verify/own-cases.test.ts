import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'

const FOLDER = new URL('../fixtures/verifier-cases/', import.meta.url)

interface Pair {
  readonly sign: string
  readonly gold: string
  readonly completion: string
}

function pairsOf(file: string): Pair[] {
  const lines = readFileSync(new URL(file, FOLDER), 'utf8').split('\n')
  return lines
    .filter((line) => /^[-+~] /.test(line))
    .map((line) => {
      const [gold = '', completion = ''] = line.slice(2).split(' ||| ')
      return { sign: line.charAt(0), gold, completion: completion.replaceAll('⏎', '\n') }
    })
}

describe.each(readdirSync(FOLDER).filter((name) => name.endsWith('.txt')))('the pairs of %s', (file) => {
  const judged = pairsOf(file).map((pair) => ({ ...pair, kind: judge(pair.gold, pair.completion).kind }))

  test('that are equal are accepted', () => {
    expect(judged.filter(({ sign, kind }) => sign === '+' && kind !== 'correct')).toEqual([])
    expect(judged.length).toBeGreaterThan(15)
  })

  test('that differ are not accepted', () => {
    expect(judged.filter(({ sign, kind }) => sign === '-' && kind === 'correct')).toEqual([])
  })

  test('that are marked as missed are still missed: take the mark away where they are not', () => {
    expect(judged.filter(({ sign, kind }) => sign === '~' && kind === 'correct')).toEqual([])
  })
})
