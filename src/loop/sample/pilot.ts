/** A pilot: a few samples of the base before anything else is spent, stored with the run, and what they predict. */

import { createIssueOrder } from '../../core/allocate/issue-order.ts'
import { SAMPLES_EACH } from '../../core/budget/forecast.ts'
import { ConfigError } from '../../core/errors.ts'
import { plural } from '../../core/words/plural.ts'
import { baseRow } from '../../run/checkpoints.ts'
import { inActivity } from '../activity.ts'
import type { RunContext } from '../context.ts'
import { whileServed } from '../serve/served.ts'
import type { Wanted } from './draw.ts'
import { drawMissing, readDrawList } from './draw-list.ts'

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
  return {
    state: 'new',
    reason: `A pilot of ${samples} ${plural(samples, 'sample')} is stored; nothing else has been spent.`,
  }
}

/** The problems that the first iteration asks first, twice each; more often where there are too few of them. */
function wantedPilot({ problems, weights, config }: RunContext, samples: number): Wanted[] {
  const order = createIssueOrder(problems.train, weights, config.seed, 0)
  const chosen = Math.min(problems.train.length, Math.ceil(samples / SAMPLES_EACH))
  return Array.from({ length: samples }, (_, issue) => {
    const { problem, index } = order(issue % chosen)
    const passes = Math.ceil(samples / chosen)
    return { issue, problem, index: index * passes + Math.floor(issue / chosen) }
  })
}
