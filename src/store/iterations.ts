/** Iterations, checkpoints, jobs and gate results: the loop's own state, each step a row before it is an action. */

import type { Target } from '../core/budget/policy.ts'
import type { PolicyDecision } from '../core/budget/policy-decision.ts'
import type { Checkpoint } from '../core/checkpoint.ts'
import type { JobHandle, JobState } from '../core/job.ts'
import type { GateDecision } from '../core/measure/gate.ts'
import type { IterationState } from '../core/status.ts'
import type { TrainJob, TrainMetrics } from '../core/trainer.ts'
import type { Db } from './open.ts'

export interface IterationRow {
  readonly iteration: number
  readonly state: IterationState
  readonly target: Target
  /** Training attempt under way, from 0. */
  readonly attempt: number
  /** Row of the checkpoint it samples from; undefined before sampling. */
  readonly sampledFrom: number | undefined
}

export interface CheckpointRow extends Checkpoint {
  readonly id: number
  readonly proven: boolean
}

export interface JobRow {
  readonly job: TrainJob
  readonly handle: JobHandle | undefined
  readonly state: JobState
  readonly metrics: TrainMetrics | undefined
}

export interface GateRow {
  readonly iteration: number
  readonly attempt: number
  readonly decision: GateDecision
  readonly difference: number
  readonly low: number
  readonly high: number
  readonly n: number
  readonly alpha: number
  /** Share of the variance that pairing by problem and seed saves; null in runs of 0.1.0 and where nothing varies. */
  readonly saved: number | null
}

/** A look of a sequential gate: what was seen at so many samples of each problem. */
export interface GateLookRow extends GateRow {
  readonly samples: number
  /** Error probability of this look, one-sided; `alpha` is that of the whole test. */
  readonly level: number
}

export interface IterationQueries {
  all(): IterationRow[]
  get(iteration: number): IterationRow | undefined
  /** Adds a planned iteration, or changes the target of one that has not begun. */
  plan(iteration: number, target: Target): void
  setState(iteration: number, state: IterationState): void
  startSampling(iteration: number, checkpoint: number): void
  /** Back to training with the next attempt. */
  retry(iteration: number): void
  checkpoints(): CheckpointRow[]
  /** Adds a checkpoint, or gives back the one already there for this iteration and attempt. */
  addCheckpoint(checkpoint: Checkpoint): CheckpointRow
  /** Puts other weights, or the same ones at another place, where this row's were; other ones have yet to be proven. */
  replaceCheckpoint(id: number, checkpoint: Checkpoint): void
  setProven(checkpoint: number): void
  /** The name under which somebody else serves it. */
  setServed(checkpoint: number, name: string): void
  job(iteration: number, attempt: number): JobRow | undefined
  /** The intent, written before the job is submitted. */
  intend(attempt: number, job: TrainJob): void
  setHandle(iteration: number, attempt: number, handle: JobHandle): void
  endJob(iteration: number, attempt: number, state: JobState, metrics: TrainMetrics | undefined): void
  /** What a policy that decides again decided for an iteration. */
  decision(iteration: number): PolicyDecision | undefined
  /** All of them, by iteration. */
  decisions(): Map<number, PolicyDecision>
  /** Written before the iteration is planned; the first one stays. */
  decide(iteration: number, decision: PolicyDecision): void
  gates(): GateRow[]
  addGate(row: GateRow): void
  /** Looks of sequential gates, of one test in the order in which they were made. */
  gateLooks(): GateLookRow[]
  addGateLook(row: GateLookRow): void
  /** Runs several of these as one transaction. */
  together(work: () => void): void
}

interface RawIteration {
  readonly iteration: number
  readonly state: IterationState
  readonly targetKind: Target['kind']
  readonly target: number
  readonly attempt: number
  readonly sampledFrom: number | null
}

interface RawCheckpoint extends Omit<Checkpoint, 'served'> {
  readonly id: number
  readonly proven: unknown
  readonly served: string | null
}

interface RawJob {
  readonly job: string
  readonly handle: string | null
  readonly state: JobState
  readonly metrics: string | null
}

export function iterationQueries(db: Db): IterationQueries {
  const columns = 'iteration, state, target_kind as targetKind, target, attempt, sampled_from as sampledFrom'
  const all = db.prepare<[], RawIteration>(`select ${columns} from iteration order by iteration`)
  const get = db.prepare<[number], RawIteration>(`select ${columns} from iteration where iteration = ?`)
  const plan = db.prepare(`
    insert into iteration (iteration, state, target_kind, target, attempt) values (:iteration, 'planned', :kind, :count, 0)
    on conflict (iteration) do update set target_kind = :kind, target = :count where state = 'planned'`)
  const setState = db.prepare('update iteration set state = :state where iteration = :iteration')
  const startSampling = db.prepare(
    `update iteration set state = 'sampling', sampled_from = :checkpoint where iteration = :iteration`,
  )
  const retry = db.prepare(`update iteration set state = 'training', attempt = attempt + 1 where iteration = ?`)
  const checkpointColumns = 'id, iteration, attempt, kind, path, hash, proven, served'
  const checkpoints = db.prepare<[], RawCheckpoint>(
    `select ${checkpointColumns} from checkpoint order by iteration, attempt`,
  )
  const checkpoint = db.prepare<[number, number], RawCheckpoint>(
    `select ${checkpointColumns} from checkpoint where iteration = ? and attempt = ?`,
  )
  const addCheckpoint = db.prepare(`
    insert into checkpoint (iteration, attempt, kind, path, hash, proven, served) values (:iteration, :attempt, :kind, :path, :hash, 0, :served)
    on conflict (iteration, attempt) do nothing`)
  const replaceCheckpoint = db.prepare(
    'update checkpoint set kind = :kind, path = :path, hash = :hash, served = :served, proven = (proven and hash = :hash) where id = :id',
  )
  const setProven = db.prepare('update checkpoint set proven = 1 where id = ?')
  const setServed = db.prepare('update checkpoint set served = ? where id = ?')
  const job = db.prepare<[number, number], RawJob>(
    'select job, handle, state, metrics from job where iteration = ? and attempt = ?',
  )
  const intend = db.prepare(`
    insert into job (iteration, attempt, job, state) values (:iteration, :attempt, :job, 'pending')
    on conflict (iteration, attempt) do update set job = :job, handle = null, state = 'pending'`)
  const setHandle = db.prepare(
    `update job set handle = :handle, state = 'running' where iteration = :iteration and attempt = :attempt`,
  )
  const endJob = db.prepare(
    'update job set state = :state, metrics = :metrics where iteration = :iteration and attempt = :attempt',
  )
  const decision = db.prepare<[number], PolicyDecision>(
    'select kind, size, growth, low, high, reason from decision where iteration = ?',
  )
  const decisions = db.prepare<[], PolicyDecision & { readonly iteration: number }>(
    'select iteration, kind, size, growth, low, high, reason from decision',
  )
  const decide = db.prepare(`
    insert into decision (iteration, kind, size, growth, low, high, reason)
    values (:iteration, :kind, :size, :growth, :low, :high, :reason) on conflict do nothing`)
  const gates = db.prepare<[], GateRow>(
    'select iteration, attempt, decision, difference, low, high, n, alpha, saved from gate order by 1, 2',
  )
  const addGate = db.prepare(`
    insert into gate (iteration, attempt, decision, difference, low, high, n, alpha, saved)
    values (:iteration, :attempt, :decision, :difference, :low, :high, :n, :alpha, :saved) on conflict do nothing`)
  const gateLooks = db.prepare<[], GateLookRow>(
    'select iteration, attempt, samples, decision, difference, low, high, n, alpha, saved, level from gate_look order by 1, 2, 3',
  )
  const addGateLook = db.prepare(`
    insert into gate_look (iteration, attempt, samples, decision, difference, low, high, n, alpha, saved, level)
    values (:iteration, :attempt, :samples, :decision, :difference, :low, :high, :n, :alpha, :saved, :level) on conflict do nothing`)

  const findCheckpoint = (iteration: number, attempt: number): CheckpointRow | undefined => {
    const row = checkpoint.get(iteration, attempt)
    return row && toCheckpoint(row)
  }
  return {
    all: () => all.all().map(toIteration),
    get(iteration) {
      const row = get.get(iteration)
      return row && toIteration(row)
    },
    plan: (iteration, target) => void plan.run({ iteration, ...target }),
    setState: (iteration, state) => void setState.run({ iteration, state }),
    startSampling: (iteration, id) => void startSampling.run({ iteration, checkpoint: id }),
    retry: (iteration) => void retry.run(iteration),
    checkpoints: () => checkpoints.all().map(toCheckpoint),
    addCheckpoint(row) {
      addCheckpoint.run({ ...row, served: row.served ?? null })
      const stored = findCheckpoint(row.iteration, row.attempt)
      if (!stored) throw new Error(`checkpoint ${row.iteration}/${row.attempt} was not stored`)
      return stored
    },
    replaceCheckpoint: (id, { kind, path, hash, served }) =>
      void replaceCheckpoint.run({ id, kind, path, hash, served: served ?? null }),
    setProven: (id) => void setProven.run(id),
    setServed: (id, name) => void setServed.run(name, id),
    job(iteration, attempt) {
      const row = job.get(iteration, attempt)
      return row && toJob(row)
    },
    intend: (attempt, row) => void intend.run({ iteration: row.iteration, attempt, job: JSON.stringify(row) }),
    setHandle: (iteration, attempt, handle) =>
      void setHandle.run({ iteration, attempt, handle: JSON.stringify(handle) }),
    endJob: (iteration, attempt, state, metrics) =>
      void endJob.run({ iteration, attempt, state, metrics: metrics ? JSON.stringify(metrics) : null }),
    decision: (iteration) => decision.get(iteration),
    decisions: () => new Map(decisions.all().map(({ iteration, ...row }) => [iteration, row])),
    decide: (iteration, row) => void decide.run({ iteration, ...row }),
    gates: () => gates.all(),
    addGate: (row) => void addGate.run(row),
    gateLooks: () => gateLooks.all(),
    addGateLook: (row) => void addGateLook.run(row),
    together: (work) => db.transaction(work)(),
  }
}

function toIteration(row: RawIteration): IterationRow {
  const { targetKind, target, sampledFrom, ...rest } = row
  return { ...rest, target: { kind: targetKind, count: target }, sampledFrom: sampledFrom ?? undefined }
}

function toCheckpoint(row: RawCheckpoint): CheckpointRow {
  return { ...row, proven: row.proven === 1, served: row.served ?? undefined }
}

function toJob(row: RawJob): JobRow {
  return {
    job: JSON.parse(row.job) as TrainJob,
    handle: row.handle === null ? undefined : (JSON.parse(row.handle) as JobHandle),
    state: row.state,
    metrics: row.metrics === null ? undefined : (JSON.parse(row.metrics) as TrainMetrics),
  }
}
