/** A pilot: a few samples of the base before anything else is spent, stored with the run, and what they foretell. */

import { createAcceptance } from '../core/accept.ts'
import { ConfigError } from '../core/errors.ts'
import type { PilotProblem } from '../core/forecast.ts'
import { missing } from '../core/plan.ts'
import { createIssueOrder } from '../problems/issue-order.ts'
import type { DrawnRow } from '../store/completions.ts'
import type { Store } from '../store/store.ts'
import { baseRow } from './checkpoints.ts'
import type { RunContext } from './context.ts'
import { draw, verifyLeftovers, type Wanted } from './draw.ts'
import { NO_LIMIT } from './sampling.ts'
import { whileServed } from './served.ts'

/** Pairs of answers to a problem tell how much the solve rates differ. */
const PER_PROBLEM = 2

/**
 * Draws what is missing of a pilot of so many samples.
 * @throws ConfigError when the run has begun: what it measures itself is better
 */
export async function drawPilot(
  context: RunContext,
  samples: number,
): Promise<{ readonly state: 'new'; readonly reason: string }> {
  await drawMissing(context, samples)
  return { state: 'new', reason: `A pilot of ${samples} samples is stored; nothing else has been spent.` }
}

async function drawMissing(context: RunContext, samples: number): Promise<void> {
  const { store, config, problems } = context
  if (store.iterations.all().some((row) => row.state !== 'planned')) {
    throw new ConfigError(
      'The run has begun, and its own acceptance rates are better than a pilot; plan without --pilot.',
    )
  }
  await verifyLeftovers(context, 'pilot', 0, problems.train)
  const wanted = wantedPilot(context, samples)
  const stored = store.completions.drawn('pilot', 0).filter((row) => row.finishReason !== 'failed')
  const left = missing(
    wanted,
    ({ problem, index }) => `${problem.id}/${index}`,
    new Set(stored.map((row) => `${row.problem}/${row.index}`)),
  )
  if (left.length === 0) return
  const startedAt = performance.now()
  let cursor = 0
  let [ended, correct, failed, tokens] = [stored.length, 0, 0, 0]
  await whileServed(context, baseRow(context), ({ checkpoint, model }) =>
    draw(context, {
      purpose: 'pilot',
      iteration: 0,
      checkpoint: checkpoint.id,
      model,
      prompt: context.prompts.sampling,
      parameters: config.sample,
      next() {
        if (cursor >= left.length) return undefined
        context.spending.check('measuring')
        return left[cursor++]
      },
      onDrawn(drawn) {
        tokens += drawn.tokens
        if (drawn.finishReason === 'failed') failed++
        else ended++
        if (drawn.verdict === 'correct' && drawn.finishReason === 'stop') correct++
      },
      onTick: (inFlight) =>
        context.emit({
          kind: 'sampling',
          purpose: 'pilot',
          iteration: 0,
          accepted: correct,
          target: wanted.length,
          sampled: ended,
          wanted: wanted.length,
          failed,
          inFlight,
          tokens,
          elapsedMs: performance.now() - startedAt,
        }),
    }),
  )
}

/** The problems that the first iteration asks first, twice each; more often where there are too few of them. */
function wantedPilot({ problems, weights, config }: RunContext, samples: number): Wanted[] {
  const order = createIssueOrder(problems.train, weights, config.seed, 0)
  const chosen = Math.min(problems.train.length, Math.ceil(samples / PER_PROBLEM))
  return Array.from({ length: samples }, (_, issue) => {
    const { problem, index } = order(issue % chosen)
    const passes = Math.ceil(samples / chosen)
    return { issue, problem, index: index * passes + Math.floor(issue / chosen) }
  })
}

export interface PilotSummary {
  readonly samples: number
  readonly problems: number
  /** Fit for training / samples. */
  readonly acceptanceRate: number
  /** Mean completion tokens, by what became of it; null where there is none. */
  readonly tokens: {
    readonly accepted: number | null
    readonly refused: number | null
    readonly truncated: number | null
  }
  /** Mean seconds of a request. */
  readonly secondsPerSample: number
}

export interface StoredPilot {
  readonly summary: PilotSummary
  readonly problems: readonly PilotProblem[]
  /** Training problems that there are. */
  readonly pool: number
}

/** The pilot that a run's store holds, judged by the acceptance rules but for the cap. */
export function readPilot(store: Store): StoredPilot | undefined {
  const run = store.run.read()
  const rows = store.completions.drawn('pilot', 0).filter((row) => row.finishReason !== 'failed')
  if (!run || rows.length === 0) return undefined
  const { accept } = JSON.parse(run.config) as RunContext['config']
  const judge = createAcceptance({ ...accept, maxPerProblem: null }, NO_LIMIT)
  const judged = rows.map((row) => ({ row, disposition: judge(row) }))
  const isFit = ({ disposition }: (typeof judged)[number]): boolean =>
    disposition === 'accepted' || disposition === 'duplicate'
  const problems = [...Map.groupBy(judged, ({ row }) => row.problem).values()].map((own) => ({
    asked: own.length,
    correct: own.filter(isFit).length,
    distinct: own.filter(({ disposition }) => disposition === 'accepted').length,
  }))
  const tokensOf = (of: (one: (typeof judged)[number]) => boolean): number | null =>
    meanOf(judged.filter(of).map(({ row }) => row.completionTokens))
  const isCut = ({ row }: { readonly row: DrawnRow }): boolean => row.finishReason === 'length'
  const latency = store.ledger.completions().filter((row) => row.purpose === 'pilot')
  return {
    summary: {
      samples: rows.length,
      problems: problems.length,
      acceptanceRate: judged.filter(isFit).length / rows.length,
      tokens: {
        accepted: tokensOf(isFit),
        refused: tokensOf((one) => !isFit(one) && !isCut(one)),
        truncated: tokensOf(isCut),
      },
      secondsPerSample: latency.reduce((sum, row) => sum + row.latencyMs, 0) / 1000 / rows.length,
    },
    problems,
    pool: store.run.problems('train').length,
  }
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
