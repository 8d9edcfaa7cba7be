/** A fixed list of completions: what is missing of it is drawn, in its order; an interrupted one continues where it stood. */

import { missing } from '../../core/budget/plan.ts'
import type { Purpose } from '../../core/completion.ts'
import type { Problem } from '../../core/problem.ts'
import type { SamplingParameters } from '../../core/sampler.ts'
import type { StoredPrompt } from '../../store/runs.ts'
import type { RunContext } from '../context.ts'
import { type DrawInput, type Drawn, draw, verifyLeftovers, type Wanted } from './draw.ts'
import type { SampledFrom } from './sampling.ts'
import { createSecondTries } from './second-tries.ts'

/** A list with what the store holds of it already. */
export interface DrawList {
  readonly purpose: Purpose
  readonly iteration: number
  readonly wanted: readonly Wanted[]
  readonly missing: readonly Wanted[]
  /** Correct ones among those stored. */
  readonly correct: number
}

/** Judges what an earlier process left unjudged and subtracts what it stored; a request that it gave up is asked again. */
export async function readDrawList(
  context: RunContext,
  list: Pick<DrawList, 'purpose' | 'iteration' | 'wanted'> & { readonly problems: readonly Problem[] },
): Promise<DrawList> {
  const { purpose, iteration, wanted } = list
  await verifyLeftovers(context, purpose, iteration, list.problems)
  const own = new Set(wanted.map(({ problem, index }) => keyOf(problem.id, index)))
  const stored = new Set<string>()
  let correct = 0
  for (const row of context.store.completions.eachDrawn(purpose, iteration)) {
    const key = keyOf(row.problem, row.index)
    if (row.finishReason === 'failed') continue
    stored.add(key)
    if (own.has(key) && isCorrect(row)) correct++
  }
  const left = missing(wanted, ({ problem, index }) => keyOf(problem.id, index), stored)
  return { purpose, iteration, wanted, missing: left, correct }
}

export interface DrawnHow extends SampledFrom {
  readonly prompt: StoredPrompt
  readonly parameters: SamplingParameters
  /** Measuring draws nothing that could be trained on, so the cap on samples does not concern it. */
  readonly spentOn: 'sampling' | 'measuring'
}

/**
 * Draws what is missing.
 * @throws what `draw` throws; CapReached. Nearing the cap on samples it ends with less than was wanted.
 */
export async function drawMissing(context: RunContext, list: DrawList, how: DrawnHow): Promise<void> {
  if (list.missing.length > 0) await draw(context, drawingOf(context, list, how))
}

/** What is missing, for `drawTogether`. */
export function drawingOf(context: RunContext, list: DrawList, how: DrawnHow): DrawInput {
  const { purpose, iteration, wanted, missing: left } = list
  const { checkpoint, model, prompt, parameters, spentOn } = how
  const startedAt = performance.now()
  const tries = createSecondTries()
  let cursor = 0
  let ended = 0
  let [sampled, correct, failed, tokens] = [wanted.length - left.length, list.correct, 0, 0]
  return {
    purpose,
    iteration,
    checkpoint,
    model,
    prompt,
    parameters,
    next(inFlight) {
      const isOver = cursor >= left.length
      const due = tries.next(isOver ? Number.POSITIVE_INFINITY : ended, Number.POSITIVE_INFINITY)
      if (!due && isOver) return undefined
      context.spending.check(spentOn)
      if (spentOn === 'sampling' && context.spending.samplesLeft(inFlight) <= 0) return undefined
      if (due) return due
      const wanted = left[cursor++]
      if (wanted) tries.out(wanted)
      return wanted
    },
    onDrawn(drawn) {
      tokens += drawn.completionTokens
      const isSecond = tries.isSecond(drawn.issue)
      if (!isSecond) ended++
      if (drawn.finishReason === 'failed') {
        if (!isSecond) failed++
        tries.failed(drawn.issue, ended)
        return
      }
      if (isSecond) failed--
      tries.answered(drawn.issue)
      sampled++
      if (isCorrect(drawn)) correct++
    },
    onTick: (inFlight) =>
      context.emit({
        kind: 'sampling',
        purpose,
        iteration,
        accepted: correct,
        target: wanted.length,
        sampled,
        wanted: wanted.length,
        failed,
        inFlight,
        tokens,
        elapsedMs: performance.now() - startedAt,
      }),
  }
}

function keyOf(problem: string, index: number): string {
  return `${problem}/${index}`
}

function isCorrect({ verdict, finishReason }: Pick<Drawn, 'verdict' | 'finishReason'>): boolean {
  return verdict === 'correct' && finishReason === 'stop'
}
