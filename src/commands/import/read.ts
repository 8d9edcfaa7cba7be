/** Lines of generations made elsewhere, each as a completion of one of the run's train problems, or as a reason why it is none. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { z } from 'zod'
import type { FinishReason } from '../../core/completion.ts'
import { ConfigError, messageOf } from '../../core/errors.ts'
import type { Problem } from '../../core/problem.ts'
import { readFinishReason } from '../../sample/protocol/finish-reason.ts'

const LINE = z.object({
  problem: z.union([z.string().min(1), z.int()]),
  completion: z.string().min(1),
  finish_reason: z.unknown().optional(),
  token_ids: z.array(z.int().min(0).max(0xffffffff)).nullish(),
})

export interface ReadLine {
  readonly place: string
  readonly problem: Problem
  readonly text: string
  readonly finishReason: FinishReason
  /** False where the line does not say how it ended; it is taken for whole then. */
  readonly isEndSaid: boolean
  readonly tokenIds: readonly number[] | undefined
  /** Of what it says. */
  readonly hash: string
}

export interface LeftOut {
  readonly place: string
  readonly reason: string
}

/** Finds a problem by what a line calls it. */
export type FindProblem = (name: string) => Problem | LeftOut['reason']

/** By id, else by its question where that is one problem's alone; held-out problems teach nobody. */
export function problemFinder(problems: readonly Problem[]): FindProblem {
  const byId = new Map(problems.map((problem) => [problem.id, problem]))
  const byQuestion = Map.groupBy(problems, ({ question }) => question.trim())
  return (name) => {
    const [first, second] = byQuestion.get(name.trim()) ?? []
    const found = byId.get(name) ?? first
    if (!found) return `"${shortened(name)}" is neither the id nor the question of a problem of this run`
    if (found.split !== 'train') return `${found.id} is a problem of the ${found.split} split, which never trains`
    if (second && !byId.has(name)) return `several problems of this run ask this; name the id`
    return found
  }
}

/**
 * Streams a file.
 * @throws ConfigError where it cannot be read, or holds no line
 */
export async function* readLines(file: string, find: FindProblem): AsyncGenerator<ReadLine | LeftOut> {
  let pending = ''
  let number = 0
  let isEmpty = true
  const read = (line: string): (ReadLine | LeftOut)[] => {
    number++
    if (line.trim() === '') return []
    isEmpty = false
    return [readLine(line, `${file}:${number}`, find)]
  }
  try {
    // node:readline also breaks lines at U+2028, which may stand inside a JSON string.
    for await (const chunk of createReadStream(file, { encoding: 'utf8' })) {
      const lines = `${pending}${chunk}`.split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) yield* read(line)
    }
  } catch (error) {
    throw new ConfigError(
      `${file} cannot be read (${messageOf(error)}); give a file of JSON lines {"problem", "completion"}.`,
      { cause: error },
    )
  }
  yield* read(pending)
  if (isEmpty) throw new ConfigError(`${file} is empty; give a file of JSON lines {"problem", "completion"}.`)
}

function readLine(line: string, place: string, find: FindProblem): ReadLine | LeftOut {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { place, reason: 'is not JSON' }
  }
  const parsed = LINE.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = issue?.path.join('.') || 'the line'
    return { place, reason: `${field}: ${issue?.message ?? 'is not as it should be'}` }
  }
  const { problem, completion, finish_reason: told, token_ids: ids } = parsed.data
  const found = find(String(problem))
  if (typeof found === 'string') return { place, reason: found }
  const isEndSaid = told !== undefined
  const finishReason = isEndSaid ? readFinishReason(told).reason : 'stop'
  const said = JSON.stringify([found.id, completion, finishReason, ids ?? null])
  return {
    place,
    problem: found,
    text: completion,
    finishReason,
    isEndSaid,
    tokenIds: ids ?? undefined,
    hash: createHash('sha256').update(said).digest('hex'),
  }
}

const LONGEST_NAME = 60

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name
}
