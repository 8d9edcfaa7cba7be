/** Texts kept by eight bytes each: known again, and told apart. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFingerprints } from '../../../src/core/accept/fingerprints.ts'

test('a text is new once, whatever it says', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 })), (texts) => {
      const fingerprints = createFingerprints()
      const told = texts.map((text) => [fingerprints.has(text), fingerprints.add(text), fingerprints.has(text)])
      expect(told).toEqual(
        texts.map((text, i) => {
          const isNew = texts.indexOf(text) === i
          return [!isNew, isNew, true]
        }),
      )
    }),
  )
})

test('fifty thousand near texts are all told apart', () => {
  const fingerprints = createFingerprints()
  const texts = Array.from({ length: 50_000 }, (_, i) => `p${i % 500}\n7 + ${i} = ${7 + i}`)
  expect(texts.filter((text) => !fingerprints.add(text))).toEqual([])
  expect(texts.filter((text) => !fingerprints.has(text))).toEqual([])
})
