/** What is accepted is what sequential sampling accepts. (Sixty iterations: accepted-set.slow.test.ts.) */

import { expect, test } from 'vitest'
import { acceptedSets, SCENES } from './accepted-set.ts'

/** Every allocation, both rules on duplicates, every cap. */
const CHOSEN = [0, 16, 22, 33, 44].flatMap((place) => SCENES[place] ?? [])

test.each(CHOSEN)('$allocation, duplicates $deduplicate, cap $maxPerProblem, seed $seed', async (scene) => {
  const { together, oneByOne, walked, faults } = await acceptedSets(scene)
  expect(together).toHaveLength(30)
  expect(together).toEqual(oneByOne)
  expect(together).toEqual(walked)
  expect(faults).toBeGreaterThan(0)
})
