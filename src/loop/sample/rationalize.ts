/**
 * STaR's rationalization: problems that the run has never solved are asked once more with the gold answer as a hint, and what is
 * right and does not lean on the hint is trained on, without the hint. It comes on top of n_t, which counts what was solved unaided.
 */

import { HINT_PLACEHOLDER } from '../../config/sections/rationalize.ts'
import { type Candidate, createAcceptance, NO_LIMIT } from '../../core/accept/accept.ts'
import { leakIn } from '../../core/accept/leak.ts'
import type { Problem } from '../../core/problem.ts'
import { randomFor, shuffled } from '../../core/seed.ts'
import type { Disposition } from '../../core/trace.ts'
import { askedBefore } from '../../run/problem-tallies.ts'
import type { IterationRow } from '../../store/iterations.ts'
import type { RunContext } from '../context.ts'
import type { Wanted } from './draw.ts'
import { drawMissing, readDrawList } from './draw-list.ts'
import type { SampledFrom } from './sampling.ts'

/** Draws and judges the iteration's hinted samples; its sampling is closed. Nothing to do without `rationalize.share`. */
export async function rationalize(
  context: RunContext,
  row: IterationRow,
  from: SampledFrom,
  temperature: number,
): Promise<void> {
  const { store, config, problems, prompts } = context
  if (config.rationalize.share === 0 || store.completions.isClosed('hint', row.iteration)) return
  const { iteration } = row
  const wanted = wantedHints(context, row)
  const list = await readDrawList(context, { purpose: 'hint', iteration, wanted, problems: problems.train })
  const parameters = { ...config.sample, temperature }
  await drawMissing(context, list, { ...from, prompt: prompts.sampling, parameters, spentOn: 'sampling' })
  closeHints(context, row)
}

/** Problems asked often enough and never solved, in a seeded order, pass by pass up to the share. */
function wantedHints({ config, store, problems }: RunContext, { iteration }: IterationRow): Wanted[] {
  const { share, after, samples, hint } = config.rationalize
  const most = Math.ceil(share * store.completions.accepted(iteration))
  const before = askedBefore(store, iteration + 1, config.budget.posterior)
  const isLost = ({ id }: Problem): boolean => {
    const { asked, solved } = before.get(id) ?? { asked: 0, solved: false }
    return asked >= after && !solved
  }
  const lost = shuffled(problems.train.filter(isLost), randomFor(config.seed, `hint/${iteration}`))
  const out: Wanted[] = []
  for (let index = 0; index < samples; index++) {
    for (const problem of lost) {
      if (out.length >= most) return out
      const question = problem.question + hint.replaceAll(HINT_PLACEHOLDER, () => problem.answer)
      out.push({ issue: out.length, problem: { ...problem, question }, index })
    }
  }
  return out
}

/** Writes every hinted completion's fate: at most one of a problem is accepted, the first in issue order. */
function closeHints(context: RunContext, { iteration }: IterationRow): void {
  const { store, config, problems, spending, emit } = context
  const asked = new Map(problems.train.map((problem) => [problem.id, problem]))
  const judge = createAcceptance({ ...config.accept, verdict: 'correct', maxPerProblem: 1 }, NO_LIMIT, {
    seed: config.seed,
    purpose: 'hint',
    iteration,
  })
  const fateOf = (candidate: Candidate): Disposition => {
    if (candidate.verdict !== 'correct' || candidate.finishReason !== 'stop') return judge(candidate)
    const { question = '', answer: gold = '' } = asked.get(candidate.problem) ?? {}
    return leakIn({ question, gold, text: candidate.text }) === undefined ? judge(candidate) : 'leaked'
  }
  const drawn = store.completions.drawn('hint', iteration)
  const rows = drawn.map((candidate) => ({ completion: candidate.id, disposition: fateOf(candidate) }))
  store.completions.close(rows)
  const count = (disposition: Disposition): number => rows.filter((row) => row.disposition === disposition).length
  spending.addAccepted(count('accepted'))
  emit({
    kind: 'note',
    text: `Iteration ${iteration}: ${count('accepted')} of ${rows.length} hinted samples are trained on, without the hint; ${count('leaked')} lean on it.`,
  })
}
