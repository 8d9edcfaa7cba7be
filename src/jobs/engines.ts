/** Every engine that runs jobs, by its name in run.yaml (`train.kind`, `serve.through`), and what it is told next to them. */

import type { JobEngine } from './contract.ts'
import { createLocalEngine } from './local.ts'
import { createRayEngine, type RayOptions } from './ray.ts'
import { createSlurmEngine } from './slurm.ts'
import type { SlurmOptions } from './slurm-submission.ts'

export interface EngineOptions {
  readonly local: undefined
  readonly slurm: SlurmOptions
  readonly ray: RayOptions
}
export type EngineKind = keyof EngineOptions

export const JOB_ENGINES = {
  local: createLocalEngine,
  slurm: createSlurmEngine,
  ray: createRayEngine,
} satisfies { readonly [Kind in EngineKind]: (options: EngineOptions[Kind]) => JobEngine }
