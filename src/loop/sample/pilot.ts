/** A pilot: a few samples of the base before anything else is spent, stored with the run, and what they foretell. */

import { createAcceptance } from '../../core/accept/accept.ts'
import { createIssueOrder } from '../../core/allocate/issue-order.ts'
import type { PilotProblem, PilotSummary } from '../../core/budget/forecast.ts'
import { ConfigError } from '../../core/errors.ts'
import { baseRow } from '../../run/checkpoints.ts'
import type { DrawnRow } from '../../store/completions.ts'
import type { Store } from '../../store/store.ts'
import { inActivity } from '../activity.ts'
import type { RunContext } from '../context.ts'
import { whileServed } from '../serve/served.ts'
import type { Wanted } from './draw.ts'
import { drawMissing, readDrawList } from './draw-list.ts'
import { NO_LIMIT } from './sampling.ts'

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
  const { store, config, problems, prompts } = context
  if (store.iterations.all().some((row) => row.state !== 'planned')) {
    throw new ConfigError(
      'The run has begun, and its own acceptance rates are better than a pilot; plan without --pilot.',
    )
  }
  const wanted = wantedPilot(context, samples)
  const list = await readDrawList(context, { purpose: 'pilot', iteration: 0, wanted, problems: problems.train })
  if (list.missing.length > 0) {
    const how = { prompt: prompts.sampling, parameters: config.sample, spentOn: 'measuring' } as const
    await whileServed(context, baseRow(context), ({ checkpoint, model }) =>
      inActivity(context, 0, 'pilot', () => drawMissing(context, list, { checkpoint: checkpoint.id, model, ...how })),
    )
  }
  return { state: 'new', reason: `A pilot of ${samples} samples is stored; nothing else has been spent.` }
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

export interface StoredPilot {
  readonly summary: PilotSummary
  readonly problems: readonly PilotProblem[]
  /** Training problems that there are. */
  readonly pool: number
}

/** The pilot that a run's store holds, judged by the acceptance rules but for the cap. */
export function readPilot(store: Store): StoredPilot | undefined {
  return readSamples(store, 'pilot', 0)
}

/** What the samples of a pilot, or of an iteration, show; undefined where there are none. */
export function readSamples(store: Store, purpose: 'pilot' | 'train', iteration: number): StoredPilot | undefined {
  const run = store.run.read()
  const rows = store.completions.drawn(purpose, iteration).filter((row) => row.finishReason !== 'failed')
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
  const latency = store.ledger.completions().filter((row) => row.purpose === purpose && row.iteration === iteration)
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
