/** The report of a run: its store read into the view that the report room draws, and the file written whole. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import { readStoredConfig, toYaml } from '../../config/stored.ts'
import { unansweredInWords } from '../../core/accept/unanswered.ts'
import { extensionsInWords } from '../../core/budget/extension.ts'
import { FORMULAS, parameterOf } from '../../core/budget/formulas.ts'
import { type RunBudget, runTargets } from '../../core/budget/next-target.ts'
import { planRun } from '../../core/budget/plan.ts'
import { ConfigError } from '../../core/errors.ts'
import { SPLITS } from '../../core/problem.ts'
import type { RunStatus } from '../../core/status.ts'
import { DISPOSITIONS } from '../../core/trace.ts'
import { plural } from '../../core/words/plural.ts'
import { writeWhole } from '../../disk/whole-file.ts'
import type { ReportJob, ReportProvenance, ReportTrace, ReportView } from '../../report/view.ts'
import type { Store } from '../../store/store.ts'
import { CHECKER } from '../../verify/decide.ts'
import { costsNow } from '../costs.ts'
import { FOLDER } from '../folder.ts'
import { readGates } from '../health.ts'
import { budgetOf } from '../next-target.ts'
import { plannedExtras, trainingInWords } from '../planned.ts'
import { readStore } from '../read-store.ts'
import { runStatus } from '../status.ts'
import { drawTraces } from '../traces.ts'
import { flipsOf, hardProblems } from './problems.ts'

/** Writes the report of an open run into its folder. @returns its path */
export function writeReport(store: Store, directory: string): Promise<string> {
  return writeView(reportView(store, directory), join(directory, FOLDER.report))
}

async function writeView(view: ReportView, path: string): Promise<string> {
  const { renderReport } = await import('../../report/html/report.ts')
  const html = await renderReport(view)
  writeWhole(path, html)
  return path
}

/**
 * The same for a stored run.
 * @throws StoreError when the run cannot be read; ConfigError when the file cannot be written
 */
export async function reportOnRun(directory: string, out: string | undefined): Promise<string> {
  const path = out ?? join(directory, FOLDER.report)
  const view = readStore(directory, (store) => reportView(store, directory))
  try {
    return await writeView(view, path)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause
    throw new ConfigError(`${path} cannot be written (${cause.message}); name another place with --out.`, { cause })
  }
}

/**
 * Everything the report shows, as plain values.
 * @param options `traces: false` leaves out the traces to read, whose draw goes through a whole iteration
 */
export function reportView(
  store: Store,
  directory: string,
  options: { readonly traces: boolean } = { traces: true },
): ReportView {
  const run = store.run.read()
  if (!run) throw new Error('the store holds no run')
  const config = readStoredConfig(run.config)
  const status = runStatus(store, directory)
  const { costs } = config.budget
  const measured = status.iterations.filter((row) => row.accepted > 0).at(-1)?.acceptanceRate ?? null
  const plan = planRun({
    ...budgetOf(config, store),
    costs: costsNow(config, store),
    acceptanceRate: measured,
    measuredRates: store.ledger.acceptanceRates(Number.MAX_SAFE_INTEGER),
    extras: plannedExtras(config),
  })
  const isToy = config.sample.kind === 'embedded'
  return {
    // A run that writes its own report still holds the lock: what it shows is the state it is about to leave behind.
    status: { ...status, state: status.state === 'running' ? run.state : status.state },
    isToy,
    notes: notesOn(config, status),
    planned: plan.iterations,
    costs,
    evaluationTemperature: config.evaluate.temperature,
    ledger: store.ledger.completions(),
    attempts: store.ledger.attempts(),
    activity: store.ledger.activity(),
    gates: readGates(store, config),
    jobs: jobsOf(store),
    traces: options.traces ? tracesToRead(store, status) : [],
    flips: options.traces ? flipsOf(store, status) : null,
    hard: options.traces ? hardProblems(store, config) : [],
    provenance: provenanceOf(store, config, status, run.createdAt),
  }
}

function notesOn(config: RunConfig, status: RunStatus): string[] {
  const notes: string[] = []
  if (config.sample.kind === 'embedded') {
    notes.push(
      'The embedded model is a toy: it speaks nothing but its own arithmetic templates. Other prompts give nonsense.',
    )
  }
  if (config.accept.verdict === 'any')
    notes.push('This is a control run: every finished completion was accepted, right or wrong.')
  notes.push(...extensionsInWords(status.extensions))
  notes.push(...status.iterations.filter(({ unanswered }) => unanswered > 0).map(unansweredInWords))
  if (status.iterations.some((row) => row.checkpoint?.weights === 'unproven')) {
    notes.push('Weights are unproven: somebody else serves, and nothing shows which weights answered.')
  }
  return notes
}

function jobsOf(store: Store): ReportJob[] {
  return store.iterations.all().flatMap((row) =>
    Array.from({ length: row.attempt + 1 }, (_, attempt) => attempt).flatMap((attempt): ReportJob[] => {
      const found = store.iterations.job(row.iteration, attempt)
      if (!found) return []
      const { job, state, metrics } = found
      return [
        {
          iteration: row.iteration,
          attempt,
          state,
          rows: job.rows,
          optimization: job.optimization,
          metrics: metrics ?? null,
        },
      ]
    }),
  )
}

const TRACES_EACH = 3

/** A few of each fate, drawn by seed from the newest iteration that was sampled. */
function tracesToRead(store: Store, status: RunStatus): ReportTrace[] {
  const newest = status.iterations.filter((row) => row.sampled > 0).at(-1)
  if (!newest) return []
  return DISPOSITIONS.flatMap((disposition) => {
    const filter = { purpose: 'train', iterations: [newest.iteration], verdict: undefined, disposition } as const
    return drawTraces(store.traces.iterate(filter), TRACES_EACH, 1)
  })
}

function provenanceOf(store: Store, config: RunConfig, status: RunStatus, createdAt: number): ReportProvenance {
  const prompts = store.run.prompts()
  const { sample, accept, gate } = config
  const generated = config.problems.train.some((source) => source.dataset === 'steps')
  return {
    seed: config.seed,
    policy: policyInWords(budgetOf(config, store)),
    base: status.base.checkpoint,
    prompts: Object.entries(prompts).map(([role, prompt]) => ({ role, name: prompt.name, hash: prompt.sha256 })),
    problems: SPLITS.map((split) => ({ split, count: store.run.problems(split).length })),
    splitBy: generated ? 'instance' : null,
    checker: CHECKER,
    versions: { spendwise: packageVersion(), node: process.versions.node },
    startedAt: new Date(createdAt).toISOString(),
    facts: [
      {
        label: 'Sampling',
        text: `${sample.kind}, temperature ${sample.temperature}, top-p ${sample.topP}, at most ${sample.maxTokens} tokens`,
      },
      {
        label: 'Acceptance',
        text: `${accept.verdict}, equations: ${accept.equations}, duplicates: ${accept.deduplicate}, at most ${accept.maxPerProblem ?? 'any number'} a problem`,
      },
      { label: 'Training', text: trainingInWords(config) },
      {
        label: 'Gate',
        text: `margin ${gate.margin}, error budget ${gate.alpha} over the run, on failure ${gate.onFail}`,
      },
    ],
    configuration: toYaml(config),
  }
}

function policyInWords(budget: RunBudget): string {
  const { policy, unit, total } = budget
  const formula =
    policy.kind === 'adaptive'
      ? `${policy.initial} · lambda^-t, lambda estimated before each iteration,`
      : policy.kind === 'auto'
        ? `${policy.initial ?? 'n_0'} · growth^t, solved before each iteration for a cost of ${budget.cost},`
        : FORMULAS[policy.kind].words(policy.initial, parameterOf(policy))
  const counted = {
    accepted: 'accepted traces',
    sampled: 'completions sampled',
    batches: 'batches of accepted traces',
  }[unit]
  const length =
    budget.cost && policy.kind !== 'auto'
      ? `until a cost of ${budget.cost} is spent`
      : `${runTargets(budget).length} ${plural(runTargets(budget).length, 'iteration')}`
  return `${policy.kind}: n_t = ${formula} ${counted}, ${length}${total ? `, ${total} in all` : ''}`
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
