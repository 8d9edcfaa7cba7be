/** What the report draws with is what its script builds from the packages of the lock file. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildDrawing } from '../../scripts/build-drawing.ts'
import { PROJECT } from '../source-text.ts'

test('the drawing library in assets is the one that node scripts/build-drawing.ts writes', async () => {
  for (const [name, bytes] of await buildDrawing()) {
    const there = readFileSync(join(PROJECT, 'assets/report', name))
    expect(there.equals(bytes), `${name} is not what its script builds; run: node scripts/build-drawing.ts`).toBe(true)
  }
})
