/** The gate look by look: what it lets through and catches, and the samples that it takes, next to a gate of as many samples at once. */

import { drawBeta } from '../../src/core/measure/draws.ts'
import { type GateDecision, judgeGate } from '../../src/core/measure/gate.ts'
import { type GateLook, gateLooks } from '../../src/core/measure/gate-looks.ts'
import { pocockSpending, type Spending } from '../../src/core/measure/group-sequential.ts'
import { normalQuantile, normalTail } from '../../src/core/measure/normal.ts'
import { createRandom, type Random } from '../../src/core/seed.ts'

const MARGIN = 0.02
/** 5 iterations, each with a retry, share 0.05. */
const ALPHA = 0.005
const MOST = 16

/** O'Brien and Fleming's, as a spending function (Lan and DeMets 1983). */
const obrienFleming: Spending = (t) => (2 * normalTail(normalQuantile(1 - ALPHA / 2) / Math.sqrt(t))) / ALPHA
const SPENDING: Readonly<Record<string, Spending>> = {
  Pocock: pocockSpending,
  "O'Brien-Fleming": obrienFleming,
  linear: (t) => t,
}

export function* sequentialGate(runs: number): Generator<string> {
  const trials = Math.ceil(runs / 4)
  yield `the gate look by look, 1 to ${MOST} samples of each problem, alpha ${ALPHA}, margin ${MARGIN}, correlation .3 (${trials} draws): decided right, mean samples of a problem`
  yield `${'problems, accuracy, spending'.padEnd(36)}${['unchanged passed', '3 points failed', '5 points', '10 points', '5 points gained'].map((title) => title.padEnd(18)).join('')}`
  for (const problems of [100, 500, 2000]) {
    for (const accuracy of [0.5, 0.8]) {
      const designs: [string, GateLook[]][] = [
        [`${MOST} at once`, [{ samples: MOST, level: ALPHA }]],
        ...Object.entries(SPENDING).map(([name, spending]): [string, GateLook[]] => [
          name,
          gateLooks({ samples: 1, most: MOST }, ALPHA, spending),
        ]),
      ]
      for (const [name, looks] of designs) {
        const cells = [0, 0.03, 0.05, 0.1, -0.05].map((drop) => {
          const random = createRandom(7)
          let [right, samples] = [0, 0]
          for (let run = 0; run < trials; run++) {
            const end = playGate({ problems, accuracy, correlation: 0.3, drop }, looks, random)
            if (end.decision === (drop > 0 ? 'failed' : 'passed')) right++
            samples += end.samples
          }
          return `${((100 * right) / trials).toFixed(0)}%, ${(samples / trials).toFixed(1)}`.padEnd(18)
        })
        yield `${`  ${problems}, ${accuracy}, ${name}`.padEnd(36)}${cells.join('')}`
      }
    }
  }
}

interface Setting {
  readonly problems: number
  readonly accuracy: number
  /** Of two answers to one problem. */
  readonly correlation: number
  readonly drop: number
}

/** One test, drawn as far as it goes. */
export function playGate(
  of: Setting,
  looks: readonly GateLook[],
  random: Random,
): { decision: GateDecision; samples: number } {
  const { problems, accuracy, correlation, drop } = of
  const size = 1 / correlation - 1
  const chances = Float64Array.from({ length: problems }, () =>
    drawBeta(accuracy * size, (1 - accuracy) * size, random),
  )
  const ids = Array.from(chances, (_, i) => `p${i}`)
  const [right, left] = [new Float64Array(problems), new Float64Array(problems)]
  let drawn = 0
  for (const [number, { samples, level }] of looks.entries()) {
    for (; drawn < samples; drawn++) {
      for (let i = 0; i < problems; i++) {
        const chance = chances[i] ?? 0
        if (random() < chance) right[i] = (right[i] ?? 0) + 1
        if (random() < chance * (1 - drop / accuracy)) left[i] = (left[i] ?? 0) + 1
      }
    }
    const scores = (counts: Float64Array) => new Map(ids.map((id, i) => [id, (counts[i] ?? 0) / samples]))
    const { decision } = judgeGate({
      before: scores(right),
      after: scores(left),
      samples,
      margin: MARGIN,
      alpha: level,
    })
    if (decision !== 'undecided' || number === looks.length - 1) return { decision, samples }
  }
  throw new Error('a gate has a look')
}
