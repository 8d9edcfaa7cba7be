/** What was found of each mutant, kept in a file that a run which was stopped continues from, and the scores per room. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ASKED, type Mutant } from './mutants.ts'
import type { Fate } from './warm.ts'

export interface Result {
  readonly key: string
  readonly fate: Fate
  /** The test file that noticed; of a survivor, how many files were tried and how many reach it. */
  readonly by: string
  readonly why: string
  readonly cpuSeconds: number
  /** For people who read the file. */
  readonly at: string
}

const HERE = import.meta.dirname
const RESULTS = join(HERE, 'results.jsonl')
/** Mutants that no test can notice, each with its reason. */
const EQUIVALENT = join(HERE, 'equivalent.json')

/** The last result of a mutant counts: a survivor is looked at again when there is a test for it. */
export function readResults(): Map<string, Result> {
  if (!existsSync(RESULTS)) return new Map()
  const lines = readFileSync(RESULTS, 'utf8').split('\n').filter(Boolean)
  return new Map(lines.map((line) => JSON.parse(line) as Result).map((row) => [row.key, row]))
}

export function keepResult(result: Result): void {
  appendFileSync(RESULTS, `${JSON.stringify(result)}\n`)
}

export function readEquivalent(): Map<string, string> {
  if (!existsSync(EQUIVALENT)) return new Map()
  return new Map(Object.entries(JSON.parse(readFileSync(EQUIVALENT, 'utf8')) as Record<string, string>))
}

/** Lines for people: the score of each room, then every survivor. */
export function reportLines(drawn: readonly Mutant[], results: ReadonlyMap<string, Result>): string[] {
  const equivalent = readEquivalent()
  const seen = drawn.filter(({ key }) => results.has(key) && !equivalent.has(key))
  const byRoom = [...Map.groupBy(seen, ({ room }) => room)].sort(([a], [b]) => a.localeCompare(b))
  const scores = byRoom.map(([room, own]) => {
    const fates = own.map(({ key }) => results.get(key)?.fate)
    const survived = fates.filter((fate) => fate === 'survived').length
    const late = fates.filter((fate) => fate === 'timeout').length
    const score = ((100 * (own.length - survived)) / own.length).toFixed(0)
    const asked = room in ASKED ? ` (asked: ${ASKED[room]}%)` : ''
    return `${room.padEnd(10)} ${score.padStart(4)}%  ${own.length} mutants: ${own.length - survived - late} killed, ${late} timed out, ${survived} survived${asked}`
  })
  const survivors = seen.flatMap((mutant) => {
    const result = results.get(mutant.key)
    return result?.fate === 'survived' ? [`${describe(mutant)}  [${result.by}] ${mutant.key.split(' ')[1]}`] : []
  })
  const marked = drawn.filter(({ key }) => equivalent.has(key)).length
  return [
    ...survivors.map((line) => `survived  ${line}`),
    ...scores,
    `${seen.length + marked} of ${drawn.length} mutants looked at, ${marked} of them equivalent; Stryker's mutators without texts and object literals.`,
  ]
}

export function describe({ file, line, mutator, before, replacement }: Mutant): string {
  const short = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 70)
  return `${file}:${line}  ${mutator}: ${short(before)} => ${short(replacement)}`
}
