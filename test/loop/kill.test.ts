/** A run that is killed wherever it stands continues, and ends as if nothing had happened. (300 kills: kill.slow.test.ts.) */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../src/core/seed.ts'
import { runCommand } from './command.ts'
import { faultsOf, makeWorkplace, NO_FAULTS, outcomeOf, removeWorkplace, runUnderKills, SMALL_TOY } from './killing.ts'

const RUNS = 3
const KILLS_PER_RUN = 10

let undisturbed = ''
let lifeMs = 0

beforeAll(async () => {
  undisturbed = makeWorkplace(SMALL_TOY)
  const startedAt = performance.now()
  const ended = await runCommand(['run', 'run.yaml', '--json'], { cwd: undisturbed })
  lifeMs = performance.now() - startedAt
  expect(ended.stderr).toBe('')
  expect(ended.code).toBe(0)
})
afterAll(() => removeWorkplace(undisturbed))

test('the undisturbed run is done and has no faults', () => {
  expect(outcomeOf(undisturbed)).toMatchObject({
    run: [{ state: 'done' }],
    iterations: [{ state: 'done' }, { state: 'done' }],
  })
  expect(faultsOf(undisturbed)).toEqual(NO_FAULTS)
})

test.each(Array.from({ length: RUNS }, (_, i) => i + 1))(
  `run ${'%i'} killed at ${KILLS_PER_RUN} random moments ends with the same traces, evaluations and weights`,
  async (seed) => {
    const folder = makeWorkplace(SMALL_TOY)
    try {
      const run = await runUnderKills(folder, { kills: KILLS_PER_RUN, lifeMs, random: createRandom(seed) })
      expect(run.stderr).toBe('')
      expect(run.code).toBe(0)
      expect(faultsOf(folder)).toEqual(NO_FAULTS)
      expect(outcomeOf(folder)).toEqual(outcomeOf(undisturbed))
    } finally {
      removeWorkplace(folder)
    }
  },
)
