/**
 * Which problem an iteration asks next: a fixed order where all problems are equal, or waves that follow the answers.
 *
 * A wave is planned from the outcomes of the waves before the last, so that the server has work while the last one comes in,
 * and is stored before anything of it is asked. So the order depends on answers in issue order alone: neither on which came
 * first nor on how often the run was killed.
 */

import { createAcceptance, NO_LIMIT } from '../../core/accept/accept.ts'
import { createIssueOrder, type Issue } from '../../core/allocate/issue-order.ts'
import { NO_TALLY, plus } from '../../core/allocate/posterior.ts'
import { heapRanks } from '../../core/allocate/recency-heap.ts'
import { type Place, planWave, type SourcePlaces } from '../../core/allocate/wave.ts'
import { RunError } from '../../core/errors.ts'
import type { Problem } from '../../core/problem.ts'
import { randomFor, shuffled } from '../../core/seed.ts'
import { talliesAt } from '../../run/problem-tallies.ts'
import type { DrawnRow } from '../../store/completions.ts'
import type { IterationRow } from '../../store/iterations.ts'
import type { RunContext } from '../context.ts'
import { quotasOf } from './quotas.ts'

export interface OpenOrder {
  /** What is asked at an issue number; undefined where more outcomes have to be known first. */
  at(issue: number): Issue | undefined
  /** The outcome of an issue is stored. */
  ended(issue: number): void
}

/** @throws RunError from `at` when no problem may be asked any more */
export function openIssueOrder(context: RunContext, row: IterationRow): OpenOrder {
  const { budget, seed } = context.config
  if (budget.allocation.kind === 'uniform' && budget.ratioOf === 'prompts') {
    const order = createIssueOrder(context.problems.train, context.weights, seed, row.iteration)
    return { at: order, ended: () => undefined }
  }
  return createWaves(context, row)
}

function createWaves(context: RunContext, row: IterationRow): OpenOrder {
  const { config, store } = context
  const { allocation, posterior } = config.budget
  const { iteration, target } = row
  const { sources, places } = openPlaces(context, row)
  const size = config.budget.wave ?? Math.max(SMALLEST_WAVE, Math.ceil(target.count / WAVES_IN_TARGET))
  const judge = createAcceptance(config.accept, NO_LIMIT, {
    seed: config.seed,
    purpose: 'train',
    iteration: row.iteration,
  })
  const issues: Issue[] = []
  /** First issue number of each wave, and that of the one to come. */
  const starts = [0]
  /** Issues of each wave that have not ended. */
  const open: number[] = []
  const endedIssues = new Set<number>()
  let absorbed = 0

  const append = (problems: readonly string[]): void => {
    for (const id of problems) {
      const place = placeOf(places, id)
      issues.push({ problem: place.asked, index: place.draws++ })
    }
    starts.push(issues.length)
    open.push(problems.length)
  }
  /** Takes the outcomes of the first waves into the problems' states. @returns whether all of them are there */
  const absorb = (waves: number): boolean => {
    for (; absorbed < waves; absorbed++) {
      if ((open[absorbed] ?? 0) > 0) return false
      const rows = store.completions.issued('train', iteration, starts[absorbed] ?? 0, starts[absorbed + 1] ?? 0)
      for (const drawn of rows) learn(placeOf(places, drawn.problem), drawn, judge(drawn) === 'accepted')
    }
    return true
  }
  /** @returns false where more outcomes have to be known first */
  const planNext = (): boolean => {
    const wave = open.length
    for (const known of [wave - 1, wave]) {
      if (!absorb(known)) return false
      const problems = planWave({ allocation, posterior, sources, size, maxPerProblem: config.accept.maxPerProblem })
      if (problems.length === 0) continue
      store.allocation.addWave(iteration, wave, problems)
      append(problems)
      return true
    }
    throw exhausted(row, places.size)
  }

  for (const problems of store.allocation.waves(iteration)) {
    for (const id of problems) ask(placeOf(places, id))
    append(problems)
  }
  return {
    at(issue) {
      while (issue >= issues.length) if (!planNext()) return undefined
      return issues[issue]
    },
    ended(issue) {
      if (endedIssues.has(issue)) return
      endedIssues.add(issue)
      const wave = starts.findLastIndex((start) => start <= issue)
      open[wave] = (open[wave] ?? 0) - 1
    },
  }
}

/** Small iterations are one wave or two; in large ones the rules follow the answers four times. */
const SMALLEST_WAVE = 256
const WAVES_IN_TARGET = 4

interface OpenPlace extends Place {
  readonly asked: Problem
  /** Requests of this iteration that have an issue number. */
  draws: number
}

/** Every problem with what is known of it when the iteration begins. */
function openPlaces(
  { config, store, problems, weights }: RunContext,
  row: IterationRow,
): { readonly sources: readonly SourcePlaces[]; readonly places: ReadonlyMap<string, OpenPlace> } {
  const { budget, seed } = config
  const carried = talliesAt(store, row.iteration, budget.posterior)
  const order = shuffled(problems.train, randomFor(seed, `allocation/${row.iteration}`))
  const ties = order.map((problem) => problem.id)
  const ranks =
    budget.allocation.kind === 'heap'
      ? heapRanks(store.allocation.past(row.iteration), ties)
      : new Map(ties.map((problem, rank) => [problem, rank]))
  const places = order.map((problem): OpenPlace => {
    const state = {
      carried: carried.get(problem.id) ?? NO_TALLY,
      rank: ranks.get(problem.id) ?? 0,
      asked: 0,
      ended: 0,
      known: NO_TALLY,
      eligible: 0,
      ...(problem.solveRate === undefined ? {} : { published: problem.solveRate }),
    }
    return { problem: problem.id, asked: problem, draws: 0, state }
  })
  const quotas = quotasOf({ config, problems, weights }, row)
  const sources = [...Map.groupBy(places, (place) => place.asked.source)]
  return {
    sources: sources.map(([source, own]) => ({
      weight: weights[source] ?? 1,
      places: own,
      quota: quotas?.most.get(source),
    })),
    places: new Map(places.map((place) => [place.problem, place])),
  }
}

function placeOf(places: ReadonlyMap<string, OpenPlace>, id: string): OpenPlace {
  const place = places.get(id)
  if (!place) throw new Error(`problem ${id} is not among the problems to train on`)
  return place
}

function ask(place: Place): void {
  place.state = { ...place.state, asked: place.state.asked + 1 }
}

function learn(place: Place, drawn: DrawnRow, isEligible: boolean): void {
  const { state } = place
  const isCorrect = drawn.verdict === 'correct' && drawn.finishReason === 'stop'
  const answer = { asked: drawn.finishReason === 'failed' ? 0 : 1, correct: isCorrect ? 1 : 0 }
  place.state = {
    ...state,
    ended: state.ended + 1,
    known: plus(state.known, answer),
    eligible: state.eligible + (isEligible ? 1 : 0),
  }
}

function exhausted({ iteration, target }: IterationRow, problems: number): RunError {
  return new RunError(
    `Iteration ${iteration} cannot reach ${target.count}: each of its ${problems} problems has accept.maxPerProblem accepted traces. Add problems, or ask for less in a new run.`,
  )
}
