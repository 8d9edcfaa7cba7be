import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateSymbolic } from '../../../src/problems/symbolic/generate.ts'
import { hasSharedDatasets, sharedDatasets } from '../files.ts'

test.skipIf(!hasSharedDatasets)(
  '1,000 instances of each of the 150 published templates end in their own answers (skipped where they are absent)',
  () => {
    let rows = 0
    let odd = 0
    const report = generateSymbolic(
      { folder: join(sharedDatasets, 'gsm-symbolic', 'templates'), count: 1000, seed: 3 },
      (instances) => {
        rows += instances.length
        for (const { solution, answer } of instances) {
          const last = solution
            .match(/-?\d[\d,]*(?:\.\d+)?/g)
            ?.at(-1)
            ?.replaceAll(',', '')
          if (Number(last) !== Number(answer)) odd++
        }
      },
    )
    expect({ rows, odd, unsupported: report.unsupported }).toEqual({ rows: 150_000, odd: 0, unsupported: [] })
  },
)
