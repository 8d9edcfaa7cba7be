/** The `keep` section of run.yaml: which checkpoints stay on disk. */

import { z } from 'zod'

export const keepSection = z.strictObject({
  last: z.int().min(1).default(2).describe('Newest checkpoints to keep.'),
  best: z.int().min(0).default(1).describe('Best checkpoints to keep next to them.'),
})
