/** Allocations that carry what they know from one iteration to the next, killed wherever they stand: the same run comes out. */

import { expect, test } from 'vitest'
import { createRandom } from '../../../src/core/seed.ts'
import { runCommand } from '../command.ts'
import { faultsOf, makeWorkplace, NO_FAULTS, outcomeOf, removeWorkplace, runUnderKills, SMALL_TOY } from '../killing.ts'

/** A share of the ten kills of each, for a first look: SPENDWISE_KILLS=0.2. */
const KILLS = Math.round(10 * Number(process.env.SPENDWISE_KILLS ?? 1))

test.each([
  '{ kind: boundary, presamples: 2, hopelessShare: 0.2 }',
  '{ kind: heap, samples: 2 }',
  '{ kind: variance, presamples: 2 }',
  '{ kind: difficulty, hardest: 3, trials: 6 }',
])(
  '%s under kills ends with the same traces, evaluations and weights',
  async (allocation) => {
    const yaml = SMALL_TOY.replace(
      '  iterations: 2\n',
      `  iterations: 2\n  allocation: ${allocation}\n  wave: 30\n`,
    ).replace('count: 600', 'count: 60')
    expect(yaml).toContain(allocation)
    const [undisturbed, killed] = [makeWorkplace(yaml), makeWorkplace(yaml)]
    try {
      const startedAt = performance.now()
      expect(await runCommand(['run', 'run.yaml', '--json'], { cwd: undisturbed })).toMatchObject({
        code: 0,
        stderr: '',
      })
      const lifeMs = performance.now() - startedAt
      const run = await runUnderKills(killed, { kills: KILLS, lifeMs, random: createRandom(allocation.length) })
      expect(run).toMatchObject({ code: 0, stderr: '' })
      expect(faultsOf(killed)).toEqual(NO_FAULTS)
      expect(outcomeOf(killed)).toEqual(outcomeOf(undisturbed))
    } finally {
      removeWorkplace(undisturbed)
      removeWorkplace(killed)
    }
  },
  900_000,
)
