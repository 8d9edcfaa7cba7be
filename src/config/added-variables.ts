/** Environment variables that run.yaml adds for a job or a server. */

import { z } from 'zod'

export const addedVariables = z
  .record(z.string(), z.string().nullable())
  .default({})
  .describe(
    "Environment variables to add, never a secret: null passes on spendwise's own, also one that run.yaml names as a key, which is left out otherwise.",
  )
  .meta({ examples: [{ WANDB_MODE: 'offline', HF_TOKEN: null }] })
