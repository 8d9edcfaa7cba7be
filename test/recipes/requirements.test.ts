/** The recipe's packages and those of the real-stack tests are the same, so that what was tried is what is installed. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const pinsIn = (file: string): Map<string, string> => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  return new Map(
    [...text.matchAll(/^([\w.-]+)(?:\[\w+\])?==([^\s+\\;]+)/gm)].map(([, name = '', version = '']) => [name, version]),
  )
}

const CUDA = /^(?:cuda|nvidia)-|^triton$/
const locked = pinsIn('test/stack/requirements.txt')

test.each(['recipes/requirements.txt', 'test/stack/requirements.in', 'recipes/requirements.lock.txt'])(
  '%s is locked at its versions',
  (file) => {
    const pins = pinsIn(file)
    expect(pins.size).toBeGreaterThan(2)
    for (const [name, version] of pins) {
      // A machine without a GPU has none of these.
      if (!CUDA.test(name)) expect([name, locked.get(name)]).toEqual([name, version])
    }
  },
)

test('the lock of the recipe has all that the recipe names', () => {
  const whole = pinsIn('recipes/requirements.lock.txt')
  for (const [name, version] of pinsIn('recipes/requirements.txt'))
    expect([name, whole.get(name)]).toEqual([name, version])
})

test.each(['test/stack/requirements.txt', 'recipes/requirements.lock.txt'])(
  'every package of %s has its hashes',
  (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
    const entries = text.split(/\n(?=\w)/).filter((entry) => /^\w/.test(entry))
    expect(entries).toHaveLength(pinsIn(file).size)
    expect(entries.filter((entry) => !entry.includes('--hash=sha256:'))).toEqual([])
  },
)
