/** What a run costs, in the unit it is counted in: prices as measured so far, and what the iterations before one have spent. */

import type { RunConfig } from '../config/schema.ts'
import {
  type CostRule,
  costRule,
  type KnownPrices,
  type MeasuredUsage,
  pricesOf,
  wholePrices,
} from '../core/budget/cost-settings.ts'
import { type Costs, iterationCost } from '../core/budget/costs.ts'
import { isPriced, type LedgerDraws, MEASURING } from '../core/budget/ledger.ts'
import type { LedgerRow } from '../store/ledger.ts'
import type { Store } from '../store/store.ts'

/** Prices of the next iteration; null for one that is neither written, measured nor expected. */
export function pricesNow({ budget, train }: RunConfig, store: Store | undefined): KnownPrices {
  const rule = costRule(budget.costs)
  if (rule.kind === 'prices') return rule.costs
  return pricesOf(rule, store ? usageOf(store, passesOf(train)) : NOTHING)
}

/** All three of them; null where one is not known. */
export function costsNow(config: RunConfig, store: Store | undefined): Costs | null {
  return wholePrices(pricesNow(config, store))
}

/** The prices that are not known, by their names in run.yaml. */
export function missingPrices(config: RunConfig, store: Store | undefined): string[] {
  return Object.entries(pricesNow(config, store)).flatMap(([name, price]) => (price === null ? [name] : []))
}

const NO_USE = { completions: 0, tokens: 0, seconds: 0 }
const NOTHING: MeasuredUsage = {
  drawn: NO_USE,
  trained: { accepted: 0, tokens: 0, seconds: 0 },
  tokensPerAccepted: null,
  fixed: { times: 0, tokens: 0, seconds: 0 },
}

/** How often training goes over a trace, as far as that is known before n_t is. */
function passesOf({ epochs, steps, batch }: RunConfig['train']): number {
  return steps === undefined || batch === undefined ? (epochs ?? 1) : 1
}

function usageOf(store: Store, passes: number): MeasuredUsage {
  const rows = store.ledger.completions().filter((row) => row.cached === 0 && row.finishReason !== 'failed')
  const activity = store.ledger.activity()
  const secondsOf = (...phases: string[]): number =>
    activity.filter(({ phase }) => phases.includes(phase)).reduce((sum, { seconds }) => sum + seconds, 0)
  const use = (own: readonly LedgerDraws[], seconds: number) => ({ ...sumsOf(own), seconds })
  const training = rows.filter(({ purpose }) => purpose === 'train')
  const pilot = rows.filter(({ purpose }) => purpose === 'pilot')
  const measuring = rows.filter(({ purpose }) => MEASURING.includes(purpose))
  const drawn =
    training.length > 0
      ? use(training, secondsOf('sampling'))
      : pilot.length > 0
        ? use(pilot, secondsOf('pilot'))
        : use(measuring, secondsOf('evaluating'))
  const done = store.iterations.all().filter(({ state }) => state === 'done' || state === 'rejected').length
  const trained = store.ledger.trained()
  const isTrained = new Set(trained.map(({ iteration }) => iteration))
  const usable =
    training.length > 0 ? training.filter(({ disposition }) => disposition === 'accepted') : pilot.filter(isRight)
  const { completions: accepted, tokens } = sumsOf(usable)
  const perIteration = done > 0 ? secondsOf('evaluating', 'serving') : secondsOf('evaluating')
  return {
    drawn,
    trained: {
      accepted: sumsOf(rows.filter((row) => row.disposition === 'accepted' && isTrained.has(row.iteration)))
        .completions,
      tokens: trained.reduce((sum, row) => sum + row.tokens, 0),
      seconds: secondsOf('training'),
    },
    tokensPerAccepted: accepted === 0 ? null : (passes * tokens) / accepted,
    fixed: {
      times: measuring.length > 0 ? done + 1 : done,
      tokens: sumsOf(measuring).tokens,
      seconds: perIteration,
    },
  }
}

function isRight({ verdict, finishReason }: LedgerRow): boolean {
  return verdict === 'correct' && finishReason === 'stop'
}

function sumsOf(rows: readonly LedgerDraws[]): { completions: number; tokens: number } {
  return {
    completions: rows.reduce((sum, row) => sum + row.completions, 0),
    tokens: rows.reduce((sum, row) => sum + row.promptTokens + row.completionTokens, 0),
  }
}

/**
 * What each iteration before one has cost, -1 being the base's measurement; as sequential rejection sampling would have spent it, since
 * what was drawn beyond depends on timing and a resumed run must end alike. Where cost is time, it is the time that it took.
 */
export function costsBefore({ budget }: RunConfig, store: Store, before: number): Map<number, number> {
  const rule = costRule(budget.costs)
  const out = new Map<number, number>()
  const add = (iteration: number, cost: number): void => {
    if (iteration < before) out.set(iteration, (out.get(iteration) ?? 0) + cost)
  }
  if (rule.kind === 'seconds') {
    const own = store.ledger.activity().filter(({ phase }) => phase !== 'pilot')
    for (const { iteration, seconds } of own) add(iteration, rule.perSecond * seconds)
    return out
  }
  if (rule.kind === 'prices') {
    for (const { iteration, sampled, accepted } of store.ledger.inOrder(before)) {
      add(iteration, iterationCost(rule.costs, sampled, accepted))
    }
  } else {
    for (const { iteration, tokens } of store.ledger.inOrder(before)) add(iteration, rule.drawn * tokens)
    for (const { iteration, tokens } of store.ledger.trained()) add(iteration, rule.trained * tokens)
  }
  for (const row of store.ledger.completions({ purposes: BESIDE[rule.kind] })) add(row.iteration, besideCost(rule, row))
  return out
}

/** What is neither sampled for training nor in the fixed cost of an iteration. */
const BESIDE = { prices: ['probe', 'hint'], tokens: ['probe', 'hint', ...MEASURING] } as const

/** Probes and hints, and what measures where tokens are counted: what is drawn of these depends on nothing but what is stored. */
function besideCost(rule: Exclude<CostRule, { kind: 'seconds' }>, row: LedgerRow): number {
  const isBeside = row.purpose === 'probe' || row.purpose === 'hint'
  if (rule.kind === 'prices') {
    if (!isBeside) return 0
    const drawn = isPriced(row) ? rule.costs.sample * row.completions : 0
    return drawn + (row.disposition === 'accepted' ? rule.costs.train * row.completions : 0)
  }
  const isCounted = (isBeside || MEASURING.includes(row.purpose)) && row.cached === 0
  return isCounted ? rule.drawn * (row.promptTokens + row.completionTokens) : 0
}
