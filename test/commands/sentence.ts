/** What a command that goes wrong owes its user: one line that says it, and the right exit code. */

import { expect } from 'vitest'
import type { Ended } from '../loop/command.ts'

/** Nothing but one line on stderr, in words for people. */
export function expectOneSentence(ended: Ended, code: number, says: RegExp): void {
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: expect.stringMatching(says) })
  const lines = ended.stderr.trimEnd().split('\n')
  expect(lines).toHaveLength(1)
  expect(ended.stderr).not.toMatch(/^\s+at |unexpected error|Warning:|undefined|\[object/m)
  expect(ended.stderr).toMatch(/\S\n$/)
}
