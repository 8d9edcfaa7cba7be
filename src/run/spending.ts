/** What the run has spent so far against its caps: read from the store once, then kept up with every completion. */

import type { RunConfig } from '../config/schema.ts'
import { costRule } from '../core/budget/cost-settings.ts'
import { iterationCost, reachedCap, type Spent } from '../core/budget/costs.ts'
import { isPriced } from '../core/budget/ledger.ts'
import type { Completion } from '../core/completion.ts'
import { CapReached } from '../core/errors.ts'
import type { Store } from '../store/store.ts'

export interface Spending {
  readonly spent: () => Spent
  /** One more completion has ended. */
  add(completion: Pick<Completion, 'key' | 'finishReason' | 'promptTokens' | 'completionTokens' | 'cached'>): void
  /** One more accepted trace is going to be trained on. */
  addAccepted(count: number): void
  /** A judge has been asked, for so many tokens. */
  addJudged(tokens: number): void
  /** A training has ended that went over so many tokens. */
  addTrained(tokens: number): void
  addIteration(): void
  /** Training completions that may still be asked for, those in flight counted; Infinity without a cap. */
  samplesLeft(inFlight: number): number
  /**
   * @param purpose measuring draws nothing for training, so the cap on samples does not concern it
   * @throws CapReached when a cap has been reached
   */
  check(purpose: 'sampling' | 'measuring'): void
}

const CAP_WORDS = { samples: 'samples', tokens: 'tokens', seconds: 'seconds', cost: 'cost' } as const

export function createSpending(config: RunConfig, store: Store, startedAt: number, now: () => number): Spending {
  const { caps } = config.budget
  const rule = costRule(config.budget.costs)
  let trainedTokens = store.ledger.trained().reduce((sum, row) => sum + row.tokens, 0)
  const secondsBefore = store.ledger.seconds()
  let { priced: samples, tokens } = store.ledger.totals()
  const rows = store.ledger.completions()
  let accepted = rows.filter((row) => row.disposition === 'accepted').reduce((sum, row) => sum + row.completions, 0)
  let iterations = store.iterations.all().filter((row) => row.state !== 'planned').length

  const seconds = (): number => secondsBefore + (now() - startedAt) / 1000
  const cost = (): number => {
    switch (rule.kind) {
      case 'seconds':
        return rule.perSecond * seconds()
      case 'tokens':
        return rule.drawn * tokens + rule.trained * trainedTokens
      case 'prices':
        return iterationCost(rule.costs, samples, accepted) + rule.costs.iteration * Math.max(0, iterations - 1)
    }
  }
  const spent = (): Spent => ({ samples, tokens, seconds: seconds(), cost: cost() })
  return {
    spent,
    add(completion) {
      if (completion.cached) return
      tokens += completion.promptTokens + completion.completionTokens
      if (isPriced({ purpose: completion.key.purpose, finishReason: completion.finishReason })) samples++
    },
    addAccepted(count) {
      accepted += count
    },
    addJudged(count) {
      tokens += count
    },
    addTrained(count) {
      trainedTokens += count
    },
    addIteration() {
      iterations++
    },
    samplesLeft: (inFlight) => (caps.samples === null ? Number.POSITIVE_INFINITY : caps.samples - samples - inFlight),
    check(purpose) {
      const reached = reachedCap(purpose === 'measuring' ? { ...caps, samples: null } : caps, spent())
      if (!reached) return
      throw new CapReached(
        `The cap of ${reached.limit} ${CAP_WORDS[reached.cap]} is reached (${Math.round(reached.spent)} spent); everything is stored. Raise it to resume: --set budget.caps.${reached.cap}=N.`,
      )
    },
  }
}
