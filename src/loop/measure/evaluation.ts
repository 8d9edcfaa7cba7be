/** Measuring a checkpoint: the gate split, and the evaluation split at temperature and greedy. Fixed draws, planned as a subtraction. */

import type { Purpose } from '../../core/completion.ts'
import { type GateResult, gateAlpha, judgeGate } from '../../core/measure/gate.ts'
import { accuracyInterval, type Interval } from '../../core/measure/statistics.ts'
import type { Problem } from '../../core/problem.ts'
import { expectedCounts } from '../../run/outlook.ts'
import type { CheckpointRow } from '../../store/iterations.ts'
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
  const greedy = context.config.evaluate.greedy ? accuracyOf('greedy').mean : null
  context.emit({ kind: 'evaluated', iteration, accuracy: mean, low, high, greedy, cost: context.spending.spent().cost })
}

/** Draws what is missing of the gate split's measurement. Each training attempt has sample numbers of its own. */
export async function measureGate(context: RunContext, served: Served): Promise<void> {
  const { evaluate } = context.config
  const range = { from: served.checkpoint.attempt * evaluate.samples, samples: evaluate.samples }
  const gate = await measurement(context, served, 'gate', context.problems.gate, range, evaluate.temperature)
  await drawMissing(context, gate.list, gate.how)
}

/** The gate's test of a checkpoint against the last accepted one; both have been measured. */
export function testGate(context: RunContext, before: CheckpointRow, after: CheckpointRow): GateResult {
  const { gate, evaluate } = context.config
  const scoresOf = (row: CheckpointRow): Map<string, number> => {
    const from = row.attempt * evaluate.samples
    return context.store.completions.scores('gate', row.iteration, from, from + evaluate.samples)
  }
  return judgeGate({
    before: scoresOf(before),
    after: scoresOf(after),
    samples: evaluate.samples,
    margin: gate.margin,
    alpha: alphaAt(context, after.iteration),
  })
}

/** Decided at an iteration's first test, and the same for its others. */
function alphaAt({ config, store }: RunContext, iteration: number): number {
  const rows = store.iterations.gates().filter(({ attempt }) => attempt === 0)
  const own = rows.find((row) => row.iteration === iteration)
  if (own) return own.alpha
  const { gate } = config
  return gateAlpha({
    alpha: gate.alpha,
    attempts: gate.onFail === 'retry' ? 1 + gate.retries : 1,
    spent: rows.filter((row) => row.iteration < iteration).map(({ alpha }) => alpha),
    left: expectedCounts(config, store, iteration).length - iteration,
  })
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
  const list = await readDrawList(context, { purpose, iteration, wanted: wantedDraws(problems, range), problems })
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
  problems: readonly Problem[],
  range: { readonly from: number; readonly samples: number },
): Wanted[] {
  const out: Wanted[] = []
  for (let index = range.from; index < range.from + range.samples; index++) {
    for (const [number, problem] of problems.entries())
      out.push({ issue: index * problems.length + number, problem, index })
  }
  return out
}
