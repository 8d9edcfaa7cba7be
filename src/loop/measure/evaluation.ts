/** Measuring a checkpoint: the gate split, and the evaluation split at temperature and greedy. Fixed draws, planned as a subtraction. */

import { gateDesign } from '../../config/gate-design.ts'
import type { Purpose } from '../../core/completion.ts'
import { accuracyInterval } from '../../core/measure/accuracy.ts'
import type { Interval } from '../../core/measure/intervals.ts'
import type { Problem } from '../../core/problem.ts'
import { measuringSeed } from '../../core/seed.ts'
import type { RunContext } from '../context.ts'
import { type DrawInput, drawTogether, type Wanted } from '../sample/draw.ts'
import { type DrawList, type DrawnHow, drawingOf, drawMissing, readDrawList } from '../sample/draw-list.ts'
import type { Served } from '../serve/served.ts'

/** Draws what is missing of the evaluation split's measurements of this checkpoint: at temperature, and greedy where asked for. */
export async function evaluateCheckpoint(context: RunContext, served: Served): Promise<void> {
  if (context.problems.evaluate.length === 0) return
  const draws = await evaluationDraws(context, served)
  // Greedy answers fill the slots that the others leave free at their end.
  if (draws.length > 0) await drawTogether(context, draws)
  announce(context, served.checkpoint.iteration)
}

/** What is missing of it, for `drawTogether`; nothing where it is complete. */
export async function evaluationDraws(context: RunContext, served: Served): Promise<DrawInput[]> {
  const { evaluate } = context.config
  const problems = context.problems.evaluate
  const lists = [
    await measurement(
      context,
      served,
      'evaluate',
      problems,
      { from: 0, samples: evaluate.samples },
      evaluate.temperature,
    ),
    ...(evaluate.greedy ? [await measurement(context, served, 'greedy', problems, { from: 0, samples: 1 }, 0)] : []),
  ]
  return lists.flatMap(({ list, how }) => (list.missing.length === 0 ? [] : [drawingOf(context, list, how)]))
}

function announce(context: RunContext, iteration: number): void {
  const accuracyOf = (purpose: Purpose): Interval =>
    accuracyInterval([...context.store.completions.scores(purpose, iteration).values()], {
      samples: purpose === 'greedy' ? 1 : context.config.evaluate.samples,
    })
  const { mean, low, high } = accuracyOf('evaluate')
  for (const purpose of ['evaluate', 'greedy'] as const) sayUnanswered(context, purpose, iteration)
  const greedy = context.config.evaluate.greedy ? accuracyOf('greedy').mean : null
  context.emit({ kind: 'evaluated', iteration, accuracy: mean, low, high, greedy, cost: context.spending.spent().cost })
}

/** What was asked twice and never answered counts as wrong, which the reader has to know. */
function sayUnanswered({ store, emit }: RunContext, purpose: Purpose, iteration: number): void {
  const unanswered = store.completions.failed(purpose, iteration)
  if (unanswered === 0) return
  const whose = iteration < 0 ? 'the base' : `iteration ${iteration}`
  const requests = unanswered === 1 ? '1 request was' : `${unanswered} requests were`
  const text = `Measuring ${whose} (${purpose}): ${requests} never answered, though asked twice, and ${unanswered === 1 ? 'counts' : 'count'} as wrong.`
  emit({ kind: 'note', text })
}

/**
 * Draws what is missing of the gate split's measurement. Each training attempt has sample numbers of its own.
 * @param samples of each problem; the first look's where left out
 */
export async function measureGate(
  context: RunContext,
  served: Served,
  samples: number = context.config.evaluate.samples,
): Promise<void> {
  const { most } = gateDesign(context.config)
  const range = { from: served.checkpoint.attempt * most, samples }
  const { temperature } = context.config.evaluate
  const gate = await measurement(context, served, 'gate', context.problems.gate, range, temperature)
  await drawMissing(context, gate.list, gate.how)
  sayUnanswered(context, 'gate', served.checkpoint.iteration)
}

async function measurement(
  context: RunContext,
  served: Served,
  purpose: Purpose,
  problems: readonly Problem[],
  range: { readonly from: number; readonly samples: number },
  temperature: number,
): Promise<{ readonly list: DrawList; readonly how: DrawnHow }> {
  const { id, iteration } = served.checkpoint
  const list = await readDrawList(context, {
    purpose,
    iteration,
    wanted: wantedDraws(context, purpose, problems, range),
    problems,
  })
  const { sample } = context.config
  const how = {
    checkpoint: id,
    model: served.model,
    prompt: context.prompts.evaluation,
    parameters: { ...sample, temperature, topK: temperature === 0 ? null : sample.topK },
    spentOn: 'measuring',
  } as const
  return { list, how }
}

/** Sample by sample over all problems, so that an interrupted measurement has seen every problem about equally often. */
function wantedDraws(
  { config, commonSeeds }: RunContext,
  purpose: Purpose,
  problems: readonly Problem[],
  range: { readonly from: number; readonly samples: number },
): Wanted[] {
  const out: Wanted[] = []
  for (let index = range.from; index < range.from + range.samples; index++) {
    for (const [number, problem] of problems.entries()) {
      const issue = index * problems.length + number
      const seed = measuringSeed(config.seed, purpose, problem.id, index - range.from)
      out.push({ issue, problem, index, ...(commonSeeds && { seed }) })
    }
  }
  return out
}
