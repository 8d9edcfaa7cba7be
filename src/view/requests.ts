/** What addresses ask for, read from their parameters: anything odd is a sentence, nothing is guessed. */

import { z } from 'zod'
import { LABELS } from '../core/label.ts'
import { MEASURED_PURPOSES, type MeasuredPurpose } from '../run/diff.ts'
import { FACETS } from './columns.ts'
import { PROBLEM_SORTS, type ProblemsAsked } from './problems.ts'
import { type LabelRequest, SORTS, type TraceQuery } from './wire.ts'

/** A parameter that cannot be used; its message is a sentence. */
export class BadRequest extends Error {}

const MOST_ROWS = 200
const DEFAULT_ROWS = 50

type Parameters = Readonly<Record<string, readonly string[]>>

/** `verdict=incorrect&iteration=2&iteration=3&q=…&sort=newest`. @throws BadRequest */
export function traceQueryOf(parameters: Parameters): TraceQuery {
  const facets = Object.fromEntries(
    FACETS.flatMap((name) => {
      const values = parameters[name]?.filter((value) => value !== '') ?? []
      return values.length === 0 ? [] : [[name, values.slice(0, 200)]]
    }),
  )
  const [problem, q] = [one(parameters, 'problem'), one(parameters, 'q')]
  return {
    facets,
    ...(problem === undefined ? {} : { problem }),
    ...(q === undefined ? {} : { q: q.slice(0, 400) }),
    sort: choice(parameters, 'sort', SORTS) ?? 'oldest',
  }
}

/** `after` is the last id of the page before. @throws BadRequest */
export function pageOf(parameters: Parameters): { readonly after: string | undefined; readonly limit: number } {
  const after = one(parameters, 'after')
  if (after !== undefined && !/^-?\d{1,10}$/.test(after)) throw new BadRequest('after is the next of an earlier page.')
  return { after, limit: whole(parameters, 'limit', 1, MOST_ROWS) ?? DEFAULT_ROWS }
}

/** @throws BadRequest */
export function problemsAskedOf(parameters: Parameters): ProblemsAsked {
  return {
    split: choice(parameters, 'split', ['train', 'gate', 'evaluate']) ?? 'train',
    sort: choice(parameters, 'sort', PROBLEM_SORTS) ?? 'hardest',
    q: one(parameters, 'q') ?? '',
    offset: whole(parameters, 'offset', 0, 10_000_000) ?? 0,
    limit: whole(parameters, 'limit', 1, MOST_ROWS) ?? DEFAULT_ROWS,
  }
}

/** @throws BadRequest */
export function auditAskedOf(parameters: Parameters): { readonly sample: number; readonly seed: number } {
  return {
    sample: whole(parameters, 'sample', 1, 20_000) ?? 200,
    seed: whole(parameters, 'seed', 0, 2 ** 31 - 1) ?? 1,
  }
}

/** `RUN@2`: the run and the point. @throws BadRequest */
export function refOf(parameters: Parameters, name: 'a' | 'b'): { readonly run: string; readonly point: string } {
  const ref = one(parameters, name)
  const at = ref?.lastIndexOf('@') ?? -1
  if (ref === undefined) throw new BadRequest(`${name} is missing; give RUN@ITERATION.`)
  const [run, point] = at > 0 ? [ref.slice(0, at), ref.slice(at + 1)] : [ref, '']
  if (!/^(?:|base|\d{1,6})$/.test(point)) throw new BadRequest(`${name}=${ref}: write RUN@ITERATION or RUN@base.`)
  return { run, point }
}

/** @throws BadRequest */
export function purposeOf(parameters: Parameters): MeasuredPurpose | undefined {
  return choice(parameters, 'purpose', MEASURED_PURPOSES)
}

/** @throws BadRequest */
export function idOf(text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) throw new BadRequest('A trace has a number.')
  return Number(text)
}

const MOST_NOTE = 2_000
const LABEL_REQUEST = z.object({
  trace: z.int().positive(),
  label: z.enum(LABELS).nullable(),
  note: z.string().max(MOST_NOTE).optional(),
  blind: z.boolean(),
})

/** @throws BadRequest */
export function labelOf(body: unknown): LabelRequest {
  const parsed = LABEL_REQUEST.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new BadRequest(`${issue?.path.join('.') || 'label'}: ${issue?.message ?? 'cannot be read'}.`)
}

function one(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name]?.[0]
  return value === '' ? undefined : value
}

function choice<T extends string>(parameters: Parameters, name: string, choices: readonly T[]): T | undefined {
  const value = one(parameters, name)
  if (value === undefined) return undefined
  const found = choices.find((each) => each === value)
  if (found === undefined) throw new BadRequest(`${name}=${value}: choose ${choices.join(', ')}.`)
  return found
}

function whole(parameters: Parameters, name: string, low: number, high: number): number | undefined {
  const value = one(parameters, name)
  if (value === undefined) return undefined
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < low || number > high)
    throw new BadRequest(`${name}=${value}: give a whole number from ${low} to ${high}.`)
  return number
}
