/** The policies of a what-if: `exponential:256,1.25` as it stands, or `exponential:1.25`, whose n_0 makes it cost as much as the run's own. */

import type { RunConfig } from '../../config/schema.ts'
import { VAGUE_CONTRACTION } from '../../core/budget/contraction.ts'
import {
  FORMULAS,
  type FormulaKind,
  type FormulaPolicy,
  formulaOf,
  formulaPolicy,
  parameterOf,
} from '../../core/budget/formulas.ts'
import type { BudgetPolicy } from '../../core/budget/policy.ts'
import { ConfigError } from '../../core/errors.ts'

/** What is asked of each kind in addition to n_0. `linear` is a polynomial of degree 1. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  constant: [],
  linear: [],
  ...Object.fromEntries(
    Object.entries(FORMULAS).map(([kind, { parameter }]) => [kind, parameter ? [parameter.name.toUpperCase()] : []]),
  ),
  adaptive: [],
}

/** By which n_0 is solved where it is left out. */
export interface EqualCost {
  /** What a policy costs at its median, or draws where there are no prices; Infinity where the problems do not have it. */
  costOf(policy: FormulaPolicy): number
  /** What it may cost. */
  readonly available: number
  /** An n_0 that surely costs more. */
  readonly most: number
}

export interface NamedPolicy {
  /** As it was asked for, with n_0. */
  readonly name: string
  readonly policy: BudgetPolicy
  /** Whether n_0 was solved for. */
  readonly solved: boolean
}

/** @throws ConfigError for what cannot be read, or costs too much whatever its n_0 */
export function readPolicy(text: string, budget: RunConfig['budget'], equal: EqualCost): NamedPolicy {
  const [word = '', rest] = text.trim().split(/:(.*)/s)
  const kinds = Object.keys(KINDS)
  const kind = kinds.find((known) => known === word)
  if (!kind) throw new ConfigError(`--policy ${text}: there is no kind ${word}. Kinds: ${kinds.join(', ')}.`)
  const numbers =
    rest === undefined ? [] : rest.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const names = KINDS[kind] ?? []
  const hasInitial = numbers.length === names.length + 1
  if (!(hasInitial || numbers.length === names.length) || !numbers.every((number) => number > 0 && number < 1e12)) {
    const shapes = [names, ['INITIAL', ...names]].map((parts) => [kind, ...(parts.length > 0 ? [parts.join(',')] : [])])
    throw new ConfigError(
      `--policy ${text}: write ${shapes.map((parts) => parts.join(':')).join(' or ')}, numbers above 0.`,
    )
  }
  const [initial = 1] = hasInitial ? numbers : []
  if (!Number.isInteger(initial)) throw new ConfigError(`--policy ${text}: n_0 is a whole number.`)
  const parameter = numbers[hasInitial ? 1 : 0] ?? 1
  if (names.includes('GROWTH') && parameter <= 1) {
    throw new ConfigError(`--policy ${text}: growth must be above 1; use constant to keep n_t flat.`)
  }
  if (kind === 'adaptive') {
    const size = hasInitial ? initial : (budget.policy.initial ?? 1)
    const policy = { kind: 'adaptive', initial: size, stopBelow: 0, ...VAGUE_CONTRACTION } as const
    return { name: nameOf(kind, size, undefined), policy, solved: false }
  }
  const shape = shapeOf(kind, initial, parameter)
  const policy = hasInitial ? shape : solveInitial(shape, equal, text)
  return { name: nameOf(kind, policy.initial, names.length > 0 ? parameter : undefined), policy, solved: !hasInitial }
}

/** A policy in the same words. */
export function policyName(policy: BudgetPolicy): string {
  const { kind, initial } = policy
  if (kind === 'polynomial' && policy.degree === 1) return nameOf('linear', initial, undefined)
  return nameOf(kind, initial, formulaOf(kind)?.parameter && parameterOf(policy))
}

function nameOf(kind: string, initial: number | null, parameter: number | undefined): string {
  const numbers = [initial, parameter].filter((number) => number !== null && number !== undefined)
  return numbers.length === 0 ? kind : `${kind}:${numbers.join(',')}`
}

function shapeOf(kind: string, initial: number, parameter: number): FormulaPolicy {
  if (kind === 'linear') return formulaPolicy('polynomial', initial, 1)
  return formulaPolicy(kind as FormulaKind, initial, parameter)
}

/** The largest n_0 that costs no more than there is; from above, since a tiny one may cost more: noise takes the accuracy away. */
function solveInitial(shape: FormulaPolicy, { costOf, available, most }: EqualCost, text: string): FormulaPolicy {
  const isPaid = (initial: number): boolean => costOf({ ...shape, initial }) <= available
  let high = most
  let low = Math.ceil(most / 2)
  while (low > 1 && !isPaid(low)) [low, high] = [Math.floor(low / 2), low]
  if (!isPaid(low)) {
    throw new ConfigError(
      `--policy ${text}: even with n_0 = 1 it costs more than the run's own policy; name its n_0, or take slower growth.`,
    )
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (isPaid(middle)) low = middle
    else high = middle
  }
  return { ...shape, initial: low }
}
