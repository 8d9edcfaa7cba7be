/** The problems that runs are tuned, steered and measured on: the same bytes whenever they are written. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem, Split } from '../../src/core/problem.ts'
import { loadProblems } from '../../src/problems/load.ts'
import type { ExperimentPlan } from './plan.ts'

export type ProblemFile = 'tuning' | 'gate' | 'test'

/** Tuning and gate are two parts of the gate split; nothing that trains draws from either split. */
export function writeProblems(directory: string, { problems }: ExperimentPlan): void {
  mkdirSync(directory, { recursive: true })
  const { seed, tuning, gate, test } = problems
  const drawn = draw('gate', tuning + gate, seed)
  write(directory, 'tuning', drawn.slice(0, tuning))
  write(directory, 'gate', drawn.slice(tuning))
  write(directory, 'test', draw('evaluate', test, seed + 1))
}

function draw(split: Split, count: number, seed: number): readonly Problem[] {
  return loadProblems([{ dataset: 'steps', count }], split, seed, '.').problems
}

function write(directory: string, name: ProblemFile, problems: readonly Problem[]): void {
  const path = join(directory, `${name}.jsonl`)
  if (existsSync(path)) return
  const rows = problems.map(({ id, question, answer, level }) => JSON.stringify({ id, question, answer, level }))
  writeFileSync(path, `${rows.join('\n')}\n`)
}
