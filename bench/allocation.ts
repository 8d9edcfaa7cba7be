/**
 * What an iteration costs and covers under each allocation: 500 problems with solve rates sigmoid(1.6 z - 0.4), z normal; chance
 * only, no model. Prints one line a rule.
 *
 *     node bench/allocation.ts [accepted traces, default 1500] [--carry]   (--carry: 8 answers of each problem are known before)
 */

import type { Allocation } from '../src/core/allocate/allocation.ts'
import { createRandom, type Random } from '../src/core/seed.ts'
import { countsOf, play } from '../test/core/budget/play.ts'

const PROBLEMS = 500
const SEEDS = 10
const CARRIED = 8
const RULES: readonly Allocation[] = [
  { kind: 'uniform' },
  { kind: 'until-k', correct: 4, trials: 64 },
  { kind: 'difficulty', hardest: 8, trials: 64 },
  { kind: 'boundary', presamples: 4, hopelessShare: 0.1, trials: null },
  { kind: 'heap', samples: 4 },
  { kind: 'variance', alpha: 0.001, beta: 2, presamples: 8, hopelessShare: 0, trials: null },
]

const [count = '1500'] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const wanted = Number(count)
const isCarried = process.argv.includes('--carry')
for (const allocation of RULES) {
  const sums = { sampled: 0, covered: 0, hardTraces: 0, hardCovered: 0 }
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = createRandom(seed * 977)
    const rates = new Map(Array.from({ length: PROBLEMS }, (_, i) => [`p${i}`, solveRate(random)]))
    const carried = new Map([...rates].map(([problem, rate]) => [problem, answers(rate, random)]))
    const hardest = new Set(
      [...rates]
        .sort(([, a], [, b]) => a - b)
        .slice(0, PROBLEMS / 4)
        .map(([problem]) => problem),
    )
    const size = Math.max(256, Math.ceil(wanted / 4))
    const { asked, accepted } = play({ allocation, rates, wanted, seed, size, ...(isCarried && { carried }) })
    const counts = countsOf(accepted)
    sums.sampled += asked.length
    sums.covered += counts.size
    sums.hardTraces += accepted.filter((problem) => hardest.has(problem)).length
    sums.hardCovered += [...counts.keys()].filter((problem) => hardest.has(problem)).length
  }
  const percent = (part: number, all: number): string => `${((100 * part) / all / SEEDS).toFixed(1)}%`
  process.stdout.write(
    `${allocation.kind.padEnd(10)} sampled ${(sums.sampled / SEEDS).toFixed(0)}, covered ${percent(sums.covered, PROBLEMS)}, ` +
      `hardest quarter: ${percent(sums.hardTraces, wanted)} of the traces, ${percent(sums.hardCovered, PROBLEMS / 4)} covered\n`,
  )
}

function solveRate(random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return 1 / (1 + Math.exp(0.4 - 1.6 * normal))
}

function answers(rate: number, random: Random): { asked: number; correct: number } {
  const correct = Array.from({ length: CARRIED }, () => random() < rate).filter(Boolean).length
  return { asked: CARRIED, correct }
}
