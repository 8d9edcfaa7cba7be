/** A run that is killed at random moments while it is extended ends as one that was that long from the start. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../src/core/seed.ts'
import { runCommand } from './command.ts'
import { faultsOf, makeWorkplace, NO_FAULTS, outcomeOf, removeWorkplace, runUnderKills, SMALL_TOY } from './killing.ts'

const RUNS = 3
const KILLS_PER_RUN = 10

let undisturbed = ''
let lifeMs = 0

/** The gate shares its errors out by the length of the run, which was another one while the first iterations were tested. */
function comparable(folder: string): object {
  return { ...outcomeOf(folder), gate: undefined }
}

beforeAll(async () => {
  undisturbed = makeWorkplace(SMALL_TOY)
  const startedAt = performance.now()
  const { code } = await runCommand(['run', 'run.yaml', '--json', '--set', 'budget.iterations=3'], { cwd: undisturbed })
  lifeMs = (performance.now() - startedAt) / 2
  expect(code).toBe(0)
})
afterAll(() => removeWorkplace(undisturbed))

test.each(Array.from({ length: RUNS }, (_, i) => i + 1))(
  `run %i, extended and killed ${KILLS_PER_RUN} times`,
  async (seed) => {
    const folder = makeWorkplace(SMALL_TOY)
    try {
      expect(await runCommand(['run', 'run.yaml', '--quiet'], { cwd: folder })).toMatchObject({ code: 0 })
      const args = ['run', 'run.yaml', '--json', '--extend', 'iterations=3']
      const run = await runUnderKills(folder, { kills: KILLS_PER_RUN, lifeMs, random: createRandom(seed), args })
      expect(run).toMatchObject({ code: 0, stderr: '' })
      expect(faultsOf(folder)).toEqual(NO_FAULTS)
      expect(comparable(folder)).toEqual(comparable(undisturbed))
    } finally {
      removeWorkplace(folder)
    }
  },
)
