/** The recipe's packages and those of the real-stack tests are the same, so that what was tried is what is installed. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const pinsIn = (file: string): Map<string, string> => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  return new Map(
    [...text.matchAll(/^([\w.-]+)(?:\[\w+\])?==([^\s+\\;]+)/gm)].map(([, name = '', version = '']) => [name, version]),
  )
}

const locked = pinsIn('test/stack/requirements.txt')

test.each(['recipes/requirements.txt', 'test/stack/requirements.in'])('%s is locked at its versions', (file) => {
  const pins = pinsIn(file)
  expect(pins.size).toBeGreaterThan(2)
  for (const [name, version] of pins) expect([name, locked.get(name)]).toEqual([name, version])
})

test('every locked package has its hashes', () => {
  const text = readFileSync(new URL('../../test/stack/requirements.txt', import.meta.url), 'utf8')
  const entries = text.split(/\n(?=\w)/).filter((entry) => /^\w/.test(entry))
  expect(entries).toHaveLength(locked.size)
  expect(entries.filter((entry) => !entry.includes('--hash=sha256:'))).toEqual([])
})
