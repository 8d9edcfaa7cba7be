/** Sixty iterations of all allocations and rules: what is accepted is what sequential sampling accepts, 0 differences. */

import { expect, test } from 'vitest'
import { acceptedSets, SCENES } from './accepted-set.ts'

test.each(SCENES)('$allocation, duplicates $deduplicate, cap $maxPerProblem, seed $seed', async (scene) => {
  const { together, oneByOne, walked } = await acceptedSets(scene)
  expect(together).toEqual(oneByOne)
  expect(together).toEqual(walked)
})
