/** Time limits of Slurm jobs, and those that leave nothing to train in. */

import { expect, test } from 'vitest'
import { shortLimit, slurmSeconds } from '../../src/config/slurm-time.ts'

test.each([
  [90, 5400],
  ['90', 5400],
  ['1:30', 90],
  ['12:00:00', 43_200],
  ['1-0', 86_400],
  ['1-12', 129_600],
  ['1-12:30', 131_400],
  ['1-12:30:15', 131_415],
  ['UNLIMITED', undefined],
  ['1:2:3:4', undefined],
  [undefined, undefined],
])('%j is %j seconds', (time, seconds) => {
  expect(slurmSeconds(time)).toBe(seconds)
})

test('a limit is too short where nothing is left before the job has to save', () => {
  expect(shortLimit({ time: 1 })).toContain('it is 60 s, and a job saves and stops 90 s')
  expect(shortLimit({ time: 1, stopSeconds: 30 })).toBeUndefined()
  expect(shortLimit({ time: '2-0', stopSeconds: 300 })).toBeUndefined()
  // No limit at all.
  expect(shortLimit({ time: 0 })).toBeUndefined()
  expect(shortLimit({})).toBeUndefined()
})
