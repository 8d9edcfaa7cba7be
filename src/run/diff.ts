/** Two measured checkpoints, of one run or of two, problem by problem: what was gained, what was lost, and whether that is chance. */

import { ConfigError } from '../core/errors.ts'
import { mcnemarExact } from '../core/measure/mcnemar.ts'
import type { VerdictKind } from '../core/verdict.ts'
import type { MeasuredAnswer } from '../store/browse/answers.ts'
import type { Store } from '../store/store.ts'
import { findStoredRun } from './find-run.ts'
import { readStore } from './read-store.ts'

export const MEASURED_PURPOSES = ['greedy', 'evaluate', 'gate'] as const
export type MeasuredPurpose = (typeof MEASURED_PURPOSES)[number]

/** A checkpoint of a run: the one that iteration made, -1 for the base. */
export interface CheckpointRef {
  readonly directory: string
  readonly run: string
  readonly iteration: number
}

/** What one side answered to one problem. */
export interface DiffAnswer {
  /** More than half of its samples are correct. */
  readonly solved: boolean
  /** Share of its samples that are correct. */
  readonly score: number
  readonly samples: number
  /** Of the first sample. */
  readonly trace: number
  readonly verdict: VerdictKind | null
  readonly extracted: string | null
}

export interface DiffRow {
  readonly problem: string
  readonly question: string
  readonly gold: string
  readonly level: string | null
  readonly a: DiffAnswer
  readonly b: DiffAnswer
}

export interface Diff {
  readonly a: { readonly run: string; readonly iteration: number; readonly accuracy: number }
  readonly b: { readonly run: string; readonly iteration: number; readonly accuracy: number }
  /** What both were measured by: greedy answers where both have them, else samples. */
  readonly purpose: MeasuredPurpose
  /** Problems that only b solves, and that only a solves. */
  readonly gained: number
  readonly lost: number
  /** [[both, only a], [only b, neither]]: rows by a, columns by b. */
  readonly table: readonly [readonly [number, number], readonly [number, number]]
  /** McNemar's exact two-sided p-value. */
  readonly p: number
  /** Every problem that both answered, those that differ first. */
  readonly rows: readonly DiffRow[]
  /** Problems that only one of them was asked, which count nowhere. */
  readonly unpaired: { readonly a: number; readonly b: number }
}

/**
 * `RUN` or `RUN@ITERATION` or `RUN@base`; without an iteration, the last measured checkpoint.
 * @throws ConfigError where there is no such run, or its checkpoint was not measured
 */
export function findCheckpoint(ref: string, purpose?: MeasuredPurpose): CheckpointRef {
  const at = ref.lastIndexOf('@')
  const [name, point] = at > 0 ? [ref.slice(0, at), ref.slice(at + 1)] : [ref, undefined]
  if (point !== undefined && point !== 'base' && !/^\d{1,6}$/.test(point))
    throw new ConfigError(`${ref}: write RUN@ITERATION, like ${name}@2, or ${name}@base.`)
  const { directory, config } = findStoredRun(name)
  const measured = readStore(directory, (store) => measuredIterations(store, purpose))
  if (measured.length === 0)
    throw new ConfigError(
      `${name} has no measured checkpoint; give its run.yaml evaluate problems, or use --purpose gate.`,
    )
  const iteration = point === undefined ? (measured.at(-1) ?? -1) : point === 'base' ? -1 : Number(point)
  if (!measured.includes(iteration))
    throw new ConfigError(
      `${ref} was not measured; measured are ${measured.map((it) => (it < 0 ? 'base' : it)).join(', ')}.`,
    )
  return { directory, run: config.name, iteration }
}

/** Iterations whose checkpoints answered problems, -1 for the base. */
export function measuredIterations(store: Store, purpose?: MeasuredPurpose): number[] {
  const of: readonly MeasuredPurpose[] = purpose ? [purpose] : ['greedy', 'evaluate']
  return [...new Set(of.flatMap((each) => store.answers.iterations(each)))].sort((a, b) => a - b)
}

/**
 * Problems are paired by id, and only where both runs have the same question and gold answer under it.
 * @param purpose what to compare by; left out: greedy answers where both have them, else samples
 * @throws ConfigError where nothing can be paired
 */
export function diffCheckpoints(a: CheckpointRef, b: CheckpointRef, purpose?: MeasuredPurpose): Diff {
  const candidates = purpose ? [purpose] : (['greedy', 'evaluate', 'gate'] as const)
  for (const each of candidates) {
    const [left, right] = [answersOf(a, each), answersOf(b, each)]
    if (left.length === 0 || right.length === 0) continue
    const compared = diffAnswers(left, right)
    const { rows } = compared
    if (rows.length === 0) continue
    return {
      a: { run: a.run, iteration: a.iteration, accuracy: meanOf(rows, (row) => row.a.score) },
      b: { run: b.run, iteration: b.iteration, accuracy: meanOf(rows, (row) => row.b.score) },
      purpose: each,
      ...compared,
    }
  }
  throw new ConfigError(
    `${nameOf(a)} and ${nameOf(b)} have no problem in common that both were measured on (${candidates.join(', ')}).`,
  )
}

function answersOf({ directory, iteration }: CheckpointRef, purpose: MeasuredPurpose): MeasuredAnswer[] {
  return readStore(directory, (store) => store.answers.of(purpose, iteration))
}

/** Two lists of answers, paired by problem: what both of a comparison are made of. */
export function diffAnswers(
  left: readonly MeasuredAnswer[],
  right: readonly MeasuredAnswer[],
): Pick<Diff, 'gained' | 'lost' | 'table' | 'p' | 'rows' | 'unpaired'> {
  const [inA, inB] = [byProblem(left), byProblem(right)]
  const rows: DiffRow[] = []
  for (const [problem, own] of inA) {
    const other = inB.get(problem) ?? []
    const [first, second] = [own[0], other[0]]
    if (!first || !second || first.question !== second.question || first.gold !== second.gold) continue
    const { question, gold, level } = first
    rows.push({ problem, question, gold, level, a: answerOf(own), b: answerOf(other) })
  }
  const count = (solvedByA: boolean, solvedByB: boolean): number =>
    rows.filter((row) => row.a.solved === solvedByA && row.b.solved === solvedByB).length
  const table = [
    [count(true, true), count(true, false)],
    [count(false, true), count(false, false)],
  ] as const
  const [gained, lost] = [table[1][0], table[0][1]]
  return {
    gained,
    lost,
    table,
    p: mcnemarExact(gained, lost),
    rows: [...rows.filter(differs), ...rows.filter((row) => !differs(row))],
    unpaired: { a: inA.size - rows.length, b: inB.size - rows.length },
  }
}

function byProblem(answers: readonly MeasuredAnswer[]): Map<string, MeasuredAnswer[]> {
  return Map.groupBy(answers, ({ problem }) => problem)
}

function differs({ a, b }: DiffRow): boolean {
  return a.solved !== b.solved
}

function answerOf(samples: readonly MeasuredAnswer[]): DiffAnswer {
  const correct = samples.filter(({ verdict, finishReason }) => verdict === 'correct' && finishReason === 'stop').length
  const first = samples[0]
  return {
    solved: 2 * correct > samples.length,
    score: samples.length === 0 ? 0 : correct / samples.length,
    samples: samples.length,
    trace: first?.id ?? 0,
    verdict: first?.verdict ?? null,
    extracted: first?.extracted ?? null,
  }
}

function meanOf(rows: readonly DiffRow[], of: (row: DiffRow) => number): number {
  return rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + of(row), 0) / rows.length
}

function nameOf({ run, iteration }: CheckpointRef): string {
  return `${run}@${iteration < 0 ? 'base' : iteration}`
}
