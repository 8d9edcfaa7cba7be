import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type GeneratedRow, generateSymbolic } from '../../../src/problems/symbolic/generate.ts'
import { hasSharedDatasets, sharedDatasets } from '../files.ts'
import { isOdd } from './odd-instance.ts'

test.skipIf(!hasSharedDatasets)(
  'each of a hundred instances of every published template ends in its own answer (skipped where they are absent)',
  () => {
    const odd: GeneratedRow[] = []
    let rows = 0
    const folder = join(sharedDatasets, 'gsm-symbolic', 'templates')
    generateSymbolic({ folder, count: 100, seed: 11 }, (instances) => {
      rows += instances.length
      odd.push(...instances.filter(isOdd))
    })
    expect(odd).toEqual([])
    expect(rows).toBe(15_000)
  },
)
