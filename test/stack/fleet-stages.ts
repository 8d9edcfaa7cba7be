/** Clusters of this machine's own that a fleet's servers run on: what run.yaml says of each, and what is left there at the end. */

import { rayPython } from './python.ts'
import { startRay } from './ray-head.ts'
import { ensureSlurm, startSlurm } from './slurm-cluster.ts'

export interface FleetStage {
  /** For spendwise. */
  readonly env: Readonly<Record<string, string>>
  /** Keys of `serve`, on one line, with a time limit that ends during the run. */
  readonly serve: string
  /** Jobs that wait or run. */
  jobsLeft(): Promise<string[]>
  close(): Promise<void>
}

/** How long one of Ray's machines is there. */
const RAY_NODE_SECONDS = 270

interface FleetStages {
  /** Why there can be none; undefined where there can. */
  missing(): string | undefined
  /** @param machines daemons that each stand for one */
  start(machines: number): Promise<FleetStage>
}

export const FLEET_STAGES: Readonly<Record<'slurm' | 'ray', FleetStages>> = {
  slurm: {
    missing: ensureSlurm,
    async start(machines) {
      const { env, slurm, close } = await startSlurm({ nodes: machines })
      return {
        env,
        serve: 'through: slurm\n  slurm: { partition: train, time: 4, pollSeconds: 1, arguments: [--cpus-per-task=2] }',
        jobsLeft: async () => slurm('squeue', '--noheader').split('\n').filter(Boolean),
        close,
      }
    },
  },
  ray: {
    missing() {
      const python = rayPython()
      return python.kind === 'missing' ? python.why : undefined
    },
    async start(machines) {
      const python = rayPython()
      if (python.kind === 'missing') throw new Error(python.why)
      const head = await startRay(python.program, 1)
      // Ray has no time limits. A machine whose own time ends says so to its jobs, and is gone then.
      const ends = Math.ceil(Date.now() / 1000) + RAY_NODE_SECONDS
      const addMachines = async (): Promise<() => Promise<void>> => {
        const endLimited = await head.addNode({ cpus: 1, env: { SPENDWISE_JOB_END: String(ends) } })
        for (let node = 2; node < machines; node++) await head.addNode({ cpus: 2 })
        return endLimited
      }
      const endLimited = await addMachines().catch(async (error: unknown) => {
        await head.close()
        throw error
      })
      const timer = setTimeout(() => void endLimited(), RAY_NODE_SECONDS * 1000)
      return {
        env: head.env,
        serve: `through: ray\n  ray: { address: "${head.address}", tokenEnv: RAY_AUTH_TOKEN, cpus: 1, pollSeconds: 1 }`,
        async jobsLeft() {
          const jobs = await head.jobs()
          return jobs.flatMap(({ id, status }) =>
            status === 'PENDING' || status === 'RUNNING' ? [`${id} ${status}`] : [],
          )
        },
        async close() {
          clearTimeout(timer)
          await head.close()
        },
      }
    },
  },
}
