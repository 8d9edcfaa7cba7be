/** What runs the servers of a fleet, and what each asks of it: the part of run.yaml that differs by `serve.through`. */

import { fileURLToPath } from 'node:url'
import { resolveConfigPath } from '../../config/parse.ts'
import type { RunConfig } from '../../config/schema.ts'
import type { JobEngine, JobResources } from '../../jobs/contract.ts'
import { type EngineKind, JOB_ENGINES } from '../../jobs/engines.ts'

export type FleetSection = Extract<RunConfig['serve'], { readonly kind: 'fleet' }>

export interface FleetEngine {
  readonly engine: JobEngine
  readonly resources: JobResources
  /** Under which name a server is reached where run.yaml says nothing; undefined: by its machine's own. */
  readonly host: string | undefined
  /** One machine's devices are taken as long as an old server is there. */
  readonly endsFirst: boolean
}

/** Both src/ and dist/ are one level below the package's root. */
export const recipe = (name: string): string => fileURLToPath(new URL(`../../../recipes/${name}`, import.meta.url))

const FLEET_ENGINES = {
  local: () => ({ engine: JOB_ENGINES.local(), resources: {}, host: '127.0.0.1', endsFirst: true }),
  slurm({ slurm }, configDirectory) {
    const { gpus, time, memory, script, ...queue } = slurm
    const batch = script === undefined ? recipe('slurm-job.sh') : resolveConfigPath(configDirectory, script)
    return {
      engine: JOB_ENGINES.slurm({ ...queue, script: batch }),
      resources: { nodes: 1, gpus, time, memory },
      host: undefined,
      endsFirst: false,
    }
  },
  ray({ ray }) {
    if (ray === undefined) throw new Error('the rules of run.yaml ask for serve.ray')
    const { gpus, cpus, memory, resources: custom, tokenEnv, ...head } = ray
    return {
      engine: JOB_ENGINES.ray({ ...head, tokenEnv, launcher: recipe('ray-job.py') }),
      resources: { gpus, cpus, memory, custom },
      host: undefined,
      endsFirst: false,
    }
  },
} satisfies { readonly [Kind in EngineKind]: (serve: FleetSection, configDirectory: string) => FleetEngine }

/** @param configDirectory where run.yaml lies */
export function fleetEngine(serve: FleetSection, configDirectory: string): FleetEngine {
  return FLEET_ENGINES[serve.through](serve, configDirectory)
}
