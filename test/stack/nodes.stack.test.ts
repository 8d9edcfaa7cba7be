/**
 * One training job over two nodes of a real Slurm: torchrun joins them by the job's own variables, each holds the model or its part of it
 * (FSDP2), and both are asked to save.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { JobHandle, JobStatus } from '../../src/core/job.ts'
import type { Trainer, TrainJob } from '../../src/core/trainer.ts'
import { JOB_ENGINES } from '../../src/jobs/engines.ts'
import { createProgramTrainer } from '../../src/train/program-trainer.ts'
import { datasetText } from '../recipes/recipe.ts'
import { stackPython } from './python.ts'
import { MODEL, recipeCommand } from './real-loop.ts'
import { ensureSlurm, type SlurmCluster, startSlurm } from './slurm-cluster.ts'

const SCRIPT = fileURLToPath(new URL('../../recipes/slurm-job.sh', import.meta.url))
const WAIT = { timeout: 900_000, interval: 500 }

const python = stackPython()
const missing = ensureSlurm() ?? (python.kind === 'missing' ? python.why : undefined)

describe.skipIf(missing !== undefined)(`Slurm's nodes${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let cluster: SlurmCluster
  let folder = ''
  let trainer: Trainer
  let sharedOut: (shard: 'none' | 'full') => TrainJob

  beforeAll(async () => {
    if (python.kind === 'missing') return
    cluster = await startSlurm({ nodes: 2 })
    for (const [name, value] of Object.entries(cluster.env)) vi.stubEnv(name, value)
    folder = mkdtempSync(join(tmpdir(), 'spendwise-nodes-'))
    const text = datasetText(40)
    writeFileSync(join(folder, 'dataset.jsonl'), text)
    sharedOut = (shard) => ({
      key: `0-0-${shard}`,
      iteration: 0,
      base: MODEL,
      dataset: join(folder, 'dataset.jsonl'),
      datasetSha256: createHash('sha256').update(text).digest('hex'),
      rows: 40,
      output: join(folder, `checkpoint-${shard}`),
      log: join(folder, `train-${shard}.log`),
      seed: 1,
      optimization: {
        epochs: undefined,
        steps: 40,
        batch: 8,
        lrStart: 1e-4,
        lrEnd: 1e-4,
        warmupSteps: 0,
        optimizerState: 'reset',
      },
      recipe: { shard, master: 'none', templateKwargs: {}, stopSeconds: 120 },
    })
    const engine = JOB_ENGINES.slurm({
      partition: 'train',
      script: SCRIPT,
      arguments: [],
      requeue: true,
      pollSeconds: 1,
      commandSeconds: 60,
      unreachableSeconds: 60,
    })
    trainer = createProgramTrainer(engine, {
      command: [
        python.program('torchrun'),
        '--nproc-per-node',
        '1',
        '--shutdown-timeout',
        '110',
        ...recipeCommand({ '--shard': '{shard}' }),
      ],
      // The nodes' names are this machine's alone, and no name server knows them.
      env: { OMP_NUM_THREADS: '1', MASTER_ADDR: '127.0.0.1' },
      keys: [],
      cwd: folder,
      directory: folder,
      resources: { nodes: 2, time: 30 },
      settleSeconds: 5,
    })
  })
  afterAll(async () => {
    await cluster?.close()
    vi.unstubAllEnvs()
    if (folder !== '') rmSync(folder, { recursive: true, force: true })
  })

  const ended = (handle: JobHandle, job: TrainJob): Promise<JobStatus> =>
    vi.waitUntil(async () => {
      const status = await trainer.status(handle, job)
      return status.state === 'running' || status.state === 'pending' ? undefined : status
    }, WAIT)
  const logOf = ({ log }: TrainJob): string => (existsSync(log) ? readFileSync(log, 'utf8') : '')
  const metricsOf = ({ output }: TrainJob) => JSON.parse(readFileSync(join(output, 'metrics.json'), 'utf8'))

  test('two processes on two nodes train one model, save when they are asked to, and resume in another job, with copies and with shards', async () => {
    for (const shard of ['full', 'none'] as const) {
      const job = sharedOut(shard)
      const first = await trainer.submit(job)
      await vi.waitUntil(() => logOf(job).includes('"event": "progress"'), WAIT)
      await trainer.cancel(first, job, 120_000)
      expect(await ended(first, job), logOf(job).slice(-3000)).toMatchObject({ state: 'preempted', exitCode: 75 })
      const second = await trainer.submit(job)
      expect(await ended(second, job), logOf(job).slice(-3000)).toMatchObject({ state: 'succeeded' })
      const share = shard === 'full' ? 'shards' : 'copies'
      expect(metricsOf(job)).toMatchObject({ steps: 40, processes: { count: 2, share } })
      expect(logOf(job).match(/"event": "start", "step": 0\b/g)).toHaveLength(1)
      expect(cluster.slurm('squeue', '--noheader')).toBe('')
    }
    const [shards, copies] = (['full', 'none'] as const).map((shard) => metricsOf(sharedOut(shard)).loss)
    expect(Math.abs(shards.last - copies.last)).toBeLessThan(1e-5)
  })
})
