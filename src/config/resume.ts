/** What may change when a run continues, and what would make it another run. */

import { formulaOf } from '../core/budget/formulas.ts'
import { RUN_KINDS, type RunConfig, type RunKinds } from './schema.ts'
import { isMapping } from './tree.ts'

/** Keys that decide how and where the work is done, not what comes out of it. A key stands for everything below it. */
const MAY_CHANGE = [
  // Where it lies is the run folder's to say.
  'database',
  'sample.endpoints',
  'sample.concurrency',
  'sample.stream',
  'sample.timeoutSeconds',
  'sample.attempts',
  'sample.unreachableSeconds',
  'sample.refusedSeconds',
  'sample.giveUpAfter',
  'budget.iterations',
  'budget.caps',
  'budget.costs',
  'budget.timeSeconds',
  'gate.onFail',
  'gate.collapse',
  'gate.then',
  'verify',
  'serve',
  'keep',
  'cache',
  'export',
] as const

/** Keys that came with 0.2.0 and whose default is not what 0.1.0 did: a run that it began can keep to what it did before. */
const DIFFERED_BEFORE = ['accept.restated', 'budget.mergeLast', 'sample.reasoning'] as const

export interface ConfigDifference {
  /** Keys that differ and must not. */
  readonly refused: readonly string[]
  /** Keys that differ and may. */
  readonly changed: readonly string[]
}

/**
 * Compares the config that a run began with to the one it is to continue with.
 * @param written the first as the run's database holds it, where an older spendwise may have written it
 */
export function diffForResume(
  stored: RunConfig,
  next: RunConfig,
  kinds: RunKinds = RUN_KINDS,
  written: unknown = stored,
): ConfigDifference {
  const ofTrainer = kinds.train[stored.train.kind].mayChange.map((key) => `train.${key}`)
  const different = differingKeys(stored, next)
  const mayChange = (key: string): boolean => {
    // The learning rate of such a run is laid over all its iterations; more of them would bend what has been trained.
    if (key === 'budget.iterations' && stored.train.lrSchedule === 'run-decay') return false
    // Such a policy sets n_t by the prices.
    if (key.startsWith('budget.costs') && formulaOf(stored.budget.policy.kind, kinds.formulas)?.followsPrices)
      return false
    if (DIFFERED_BEFORE.some((newer) => newer === key) && !has(written, key)) return true
    return [...MAY_CHANGE, ...ofTrainer].some((allowed) => key === allowed || key.startsWith(`${allowed}.`))
  }
  return { refused: different.filter((key) => !mayChange(key)), changed: different.filter(mayChange) }
}

function has(config: unknown, key: string): boolean {
  return key.split('.').reduce((at: unknown, name) => (isMapping(at) ? at[name] : undefined), config) !== undefined
}

/** Sections of run.yaml in which two configurations differ. */
export function differingSections(a: RunConfig, b: RunConfig): string[] {
  return [...new Set(differingKeys(a, b).map((key) => key.split('.')[0] ?? key))]
}

/** The sentence for keys that diffForResume refuses. */
export function resumeRefusal(runName: string, refused: readonly string[]): string {
  const keys = refused.join(', ')
  return `The run ${runName} has begun with other values of ${keys}, and its traces stand on them. Put ${refused.length === 1 ? 'it' : 'them'} back to resume, or start a new run under another name.`
}

/** Dotted keys of the values that differ; a list counts as one value, and another kind as one difference. */
function differingKeys(a: unknown, b: unknown, path = ''): string[] {
  if (!isMapping(a) || !isMapping(b)) return sameValue(a, b) ? [] : [path]
  const key = (name: string) => (path === '' ? name : `${path}.${name}`)
  if (a.kind !== b.kind) return [key('kind')]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((name) =>
    differingKeys(a[name], b[name], key(name)),
  )
}

function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => differingKeys(item, b[index]).length === 0)
  }
  return a === b
}
