/** Journals in memory keep the newest of each, and members until their job has ended. */

import { expect, test } from 'vitest'
import { createMemoryFleetJournal } from '../../src/serve/memory-journal.ts'

test('a member is there with its newest step until it has ended, and counts for ever', () => {
  const journal = createMemoryFleetJournal()
  const member = (key: string, step: 'submitted' | 'proven' | 'ended') => ({ key, name: key, weights: 'w', step })
  journal.record(member('a', 'submitted'))
  journal.record(member('b', 'submitted'))
  journal.record(member('a', 'proven'))
  expect(journal.members().map(({ key, step }) => `${key} ${step}`)).toEqual(['a proven', 'b submitted'])
  journal.record(member('b', 'ended'))
  expect(journal.members().map(({ key }) => key)).toEqual(['a'])
  expect(journal.count()).toBe(2)
})
