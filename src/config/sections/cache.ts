/** The `cache` section of run.yaml: completions that earlier runs have drawn. */

import { z } from 'zod'

export const cacheSection = z.strictObject({
  path: z
    .string()
    .min(1)
    .default('.spendwise/cache.sqlite')
    .describe('Its file, which may be deleted at any time; runs with the same file share what they have drawn.'),
  megabytes: z
    .number()
    .min(0)
    .default(1024)
    .describe('Most it holds: the least recently used completions go first; 0 = no cache.'),
})
