/** Where an experiment lies: its problem files and the run.yaml of each kind of run. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseRunConfig } from '../../src/config/parse.ts'
import type { RunConfig } from '../../src/config/schema.ts'
import type { Problem, Split } from '../../src/core/problem.ts'
import { loadProblems } from '../../src/problems/load.ts'
import type { ExperimentPlan } from './plan.ts'

export interface Place {
  readonly directory: string
  readonly plan: ExperimentPlan
  readonly signal: AbortSignal
  readonly tell: (line: string) => void
}

export type ProblemFile = 'gate' | 'probe' | 'test'

/** Writes the problems that every run is measured on; the same bytes whenever it is called. */
export function writeProblems({ directory, plan: { problems } }: Place): void {
  mkdirSync(directory, { recursive: true })
  const { gate, probe, test, seed } = problems
  write(directory, 'gate', draw('gate', gate, seed))
  const drawn = draw('evaluate', probe + test, seed + 1)
  const isProbe = withinLevel(drawn, probe)
  write(
    directory,
    'probe',
    drawn.filter((problem) => isProbe.has(problem)),
  )
  write(
    directory,
    'test',
    drawn.filter((problem) => !isProbe.has(problem)),
  )
}

function draw(split: Split, count: number, seed: number): readonly Problem[] {
  return loadProblems([{ dataset: 'steps', count }], split, seed, '.').problems
}

/** The first problems of every level, equally many. */
function withinLevel(problems: readonly Problem[], count: number): Set<Problem> {
  const levels = [...new Set(problems.map(({ level }) => level))]
  return new Set(
    levels.flatMap((level) => problems.filter((problem) => problem.level === level).slice(0, count / levels.length)),
  )
}

function write(directory: string, name: ProblemFile, problems: readonly Problem[]): void {
  const path = join(directory, `${name}.jsonl`)
  if (existsSync(path)) return
  const rows = problems.map(({ id, question, answer, level }) => JSON.stringify({ id, question, answer, level }))
  writeFileSync(path, `${rows.join('\n')}\n`)
}

export interface RunKind {
  readonly name: string
  readonly evaluate: ProblemFile
  /** Settings of run.yaml. */
  readonly sets: readonly string[]
}

/** The configuration of one kind of run, and its file, which paths are relative to. */
export function configOf({ directory, plan }: Place, kind: RunKind): { config: RunConfig; configPath: string } {
  const configPath = join(directory, `${kind.name}.yaml`)
  const text = `name: ${kind.name}
problems:
  train: [{ dataset: steps, count: ${plan.problems.train} }]
  evaluate: [{ dataset: jsonl, path: ${kind.evaluate}.jsonl }]
sample: { kind: embedded, maxTokens: 60 }
budget: { policy: { kind: constant, initial: 1 }, iterations: 1 }
evaluate: { greedy: false }
train: { kind: embedded, steps: ${plan.stepsAnIteration}, lr: 1.0e-3, lrSchedule: run-constant, optimizerState: keep }
keep: { last: 1000 }
`
  writeFileSync(configPath, text)
  return { config: parseRunConfig({ text, file: configPath, sets: kind.sets }), configPath }
}
