/** `run --extend`: a run that has ended by its budget gets a larger one, and then continues as any run does. */

import { budgetValue } from '../config/extend.ts'
import { withSettings } from '../config/stored.ts'
import { fixedPrices } from '../core/budget/cost-settings.ts'
import { type Extension, type ExtensionRequest, readExtension } from '../core/budget/extension.ts'
import { priceOfTarget, runTargets } from '../core/budget/next-target.ts'
import { ConfigError } from '../core/errors.ts'
import type { RunState } from '../core/status.ts'
import { crashPoint } from '../process/crash-point.ts'
import { decisionFor } from '../run/adaptive-decision.ts'
import { costsBefore } from '../run/costs.ts'
import { type FoundRun, holdsRun } from '../run/find-run.ts'
import { FOLDER } from '../run/folder.ts'
import { budgetOf, targetOf } from '../run/next-target.ts'
import { createSpending } from '../run/spending.ts'
import { acquireLock } from '../store/lock.ts'
import { lockFile } from '../store/place/place.ts'
import { openStore, type Store } from '../store/store.ts'

type RunConfig = FoundRun['config']

/** States of an iteration that has ended. */
const OVER: ReadonlySet<string> = new Set(['done', 'rejected'])

/**
 * Writes the larger budget down, whole or not at all; nothing is sampled here. Asked again, after a kill or at the end, it has been done already.
 * @param requests `KEY=NUMBER` each
 * @param name how people name the run
 * @throws ConfigError where the run has not ended by its budget, or the larger one would bring nothing
 */
export function extendRun({ directory }: FoundRun, requests: readonly string[], name: string): void {
  const wanted = requests.map(readExtension)
  if (!holdsRun(directory)) {
    throw new ConfigError(
      `--extend  is for a run that has ended, and there is none at ${directory}; write the budget into its run.yaml and start it.`,
    )
  }
  const lock = acquireLock(lockFile(directory))
  try {
    const store = openStore(directory)
    try {
      extendStored(store, wanted, name)
    } finally {
      store.close()
    }
  } finally {
    lock.release()
  }
}

function extendStored(store: Store, wanted: readonly ExtensionRequest[], name: string): void {
  const row = store.run.read()
  if (!row) throw new Error('the store holds no run')
  const config = withSettings(JSON.parse(row.config) as RunConfig, FOLDER.config)
  const hasEnded = row.state === 'done' || row.state === 'capped'
  const earlier = store.run.extensions()
  const isThere = ({ key, now }: ExtensionRequest): boolean => earlier.some((it) => it.key === key && it.now === now)
  if (wanted.every(isThere)) return
  const after = store.iterations.all().findLast((it) => OVER.has(it.state))?.iteration ?? null
  if (!hasEnded) throw notEnded(row.state, name)
  refuseSchedule(config)
  const extensions = wanted.map((request): Extension => ({ ...request, was: valueBefore(config, request), after }))
  const settings = wanted.map(({ key, now }) => `budget.${key}=${now}`)
  const larger = withSettings(config, FOLDER.config, settings)
  crashPoint('extension-asked')
  store.run.extend(JSON.stringify(larger), extensions, () => refuseNothingToDo(store, larger))
  crashPoint('extension-stored')
}

function notEnded(state: RunState, name: string): ConfigError {
  const now = state === 'running' ? 'interrupted' : state
  return new ConfigError(
    `--extend  is for a run that has ended by its budget, and this one is ${now}; let it end first: spendwise run ${name}`,
  )
}

/** The learning rate of such a run has reached zero at the end that it had. */
function refuseSchedule({ train }: RunConfig): void {
  if (train.lrSchedule !== 'run-decay') return
  throw new ConfigError(
    '--extend  cannot continue where train.lrSchedule is run-decay: its learning rate has reached zero at the end of the smaller budget; fork the run with --set train.lrSchedule=run-constant, or start a new one with the larger budget.',
  )
}

function valueBefore(config: RunConfig, { key, now }: ExtensionRequest): number {
  const was = budgetValue(config, key)
  if (was === undefined) {
    throw new ConfigError(
      `--extend ${key}  grows nothing: this run has no budget.${key}, so it has not ended by it; see spendwise plan for what bounds it.`,
    )
  }
  if (now <= was) throw new ConfigError(`--extend ${key}=${now}  is not more than the ${was} of this run; give more.`)
  return was
}

/** @throws ConfigError where the run, with the larger budget, would end at once */
function refuseNothingToDo(store: Store, config: RunConfig): void {
  const spending = createSpending(config, store, 0, () => 0)
  spending.check('sampling')
  const { timeSeconds } = config.budget
  const seconds = Math.ceil(spending.spent().seconds)
  const newest = store.iterations.all().at(-1)
  if (newest && !OVER.has(newest.state)) return
  const next = newest ? newest.iteration + 1 : 0
  if (timeSeconds !== null && seconds >= timeSeconds) {
    throw new ConfigError(
      `--extend  brings no further iteration: ${seconds} s are used up and budget.timeSeconds is ${timeSeconds}; give more.`,
    )
  }
  if (targetOf(config, store, next)) return
  throw new ConfigError(`--extend  brings no further iteration: ${whyNothing(config, store, next)}`)
}

function whyNothing(config: RunConfig, store: Store, next: number): string {
  const { iterations, cost, costs } = config.budget
  if (next >= iterations)
    return `${iterations === 1 ? 'its iteration is' : `all ${iterations} iterations are`} done; add --extend iterations=${next + 1} or more.`
  const decision = decisionFor(config, store, next)
  if (decision?.kind === 'stop') return `the policy has stopped the run (${decision.reason})`
  const target = runTargets(budgetOf(config, store), store.ledger.acceptanceRates(next))[next]
  const rate = store.ledger.acceptanceRates(next).at(-1)
  const prices = fixedPrices(costs)
  if (cost === null || !target || !prices || rate === undefined) {
    return 'what else bounds it (budget.total, budget.cost) is used up; extend that too.'
  }
  const spent = [...costsBefore(config, store, next).values()].reduce((sum, one) => sum + one, 0)
  const price = priceOfTarget(prices, target, rate)
  return `${Math.round(spent)} of budget.cost ${cost} is spent, and iteration ${next} is expected to cost ${Math.round(price)}; give --extend cost=${Math.ceil(spent + price)} for all of it.`
}
