/** What the probes have found of an endpoint, and how many requests that took. */

import { expect, test } from 'vitest'
import { createRun, temporaryFolder } from './hand-made-run.ts'

test('the newest record of an address is read, and the requests of all probes are counted', () => {
  const { endpoints } = createRun(temporaryFolder())
  expect(endpoints.read('http://a/v1')).toBeUndefined()
  expect(endpoints.requests()).toBe(0)
  endpoints.write('http://a/v1', 'base', 'first', 3, 10)
  endpoints.write('http://a/v1', 'next', 'second', 4, 20)
  endpoints.write('http://b/v1', 'base', 'other', 5, 30)
  expect(endpoints.read('http://a/v1')).toBe('second')
  // A later look at the same model takes the place of the earlier one; what both have sent is sent.
  endpoints.write('http://a/v1', 'base', 'third', 6, 40)
  expect(endpoints.read('http://a/v1')).toBe('third')
  endpoints.countBeside()
  endpoints.countBeside()
  expect(endpoints.requests()).toBe(3 + 4 + 5 + 6 + 2)
})
