/** The arms of a comparison: `exponential:1.05|1.1+train.lr=1e-3` as settings of run.yaml at one total cost. */

import type { RunConfig } from '../../config/schema.ts'
import { withSettings } from '../../config/stored.ts'
import { FORMULA_KINDS, FORMULAS, type FormulaPolicy, formulaPolicy } from '../../core/budget/formulas.ts'
import type { BudgetPolicy } from '../../core/budget/policy.ts'
import { ConfigError } from '../../core/errors.ts'
import { solveConfig } from '../plan/solve.ts'

/** One arm with one parameter: what a run of it is given. */
export interface Candidate {
  /** Names its folders: letters, digits, dots and dashes. */
  readonly name: string
  readonly sets: readonly string[]
}

export interface Arm {
  /** As it was written, without the alternatives. */
  readonly name: string
  /** One, or the alternatives that tuning chooses from. */
  readonly candidates: readonly Candidate[]
}

/** What all arms share. */
export interface Terms {
  /** C, in the unit of `budget.costs`. */
  readonly cost: number
  /** Expected acceptance rate in (0, 1], by which n_0 is solved. */
  readonly rate: number
  /** Absolute path of run.yaml. */
  readonly configPath: string
}

const [FIRST = 'constant', ...OTHERS] = FORMULA_KINDS
const KINDS = [FIRST, 'linear', ...OTHERS, 'adaptive', 'auto'] as const
type Kind = (typeof KINDS)[number]

/**
 * @param texts one an arm: `KIND[:PARAMETER|PARAMETER…][+KEY=VALUE…]`
 * @throws ConfigError for arms that cannot be read, are there twice, or have been given unequally many alternatives
 */
export function readArms(texts: readonly string[], config: RunConfig, terms: Terms): Arm[] {
  const arms = texts.map((text) => readArm(text, config, terms))
  const names = new Set(arms.map(({ name }) => name))
  if (names.size < arms.length)
    throw new ConfigError('--policies names an arm twice; every arm needs a name of its own.')
  if (arms.length < 2)
    throw new ConfigError('--policies needs two arms at least, for example constant,exponential:1.1.')
  const counts = new Set(arms.map(({ candidates }) => candidates.length))
  if (counts.size > 1) {
    const told = arms.map(({ name, candidates }) => `${name} ${candidates.length}`).join(', ')
    throw new ConfigError(
      `Every arm gets the same number of tuning trials, and --policies gives ${told}; write as many alternatives for each.`,
    )
  }
  return arms
}

function readArm(text: string, config: RunConfig, terms: Terms): Arm {
  const [head = '', ...settings] = text.split('+')
  const [word = '', parameters] = head.split(':')
  const kind = KINDS.find((known) => known === word.trim())
  if (!kind) throw new ConfigError(`--policies ${text}: there is no policy ${word}. Policies: ${KINDS.join(', ')}.`)
  const tail = settings.map((setting) => `+${setting}`).join('')
  const values = parameters?.split('|') ?? [undefined]
  // An arm may have a number of iterations, or a trainer, of its own: n_0 is solved with them.
  const own = withSettings(config, terms.configPath, settings)
  const candidates = values.map((value) => {
    const name = `${kind}${value === undefined ? '' : `-${value}`}${tail}`.replace(/[^A-Za-z0-9.-]+/g, '-')
    return { name, sets: [...settings, ...settingsOf(kind, value, own, terms, text)] }
  })
  return { name: `${kind}${values.length === 1 && values[0] !== undefined ? `:${values[0]}` : ''}${tail}`, candidates }
}

/** Twice the iterations of run.yaml are enough for whatever rate is met: the cost ends the run. */
const SLACK = 2

function settingsOf(kind: Kind, value: string | undefined, config: RunConfig, terms: Terms, text: string): string[] {
  const policy = policyOf(kind, value, config, terms, text)
  // A rate that falls over the run is laid over its iterations, so these have to be what they will be.
  const isDecaying = config.train.lrSchedule === 'run-decay'
  const iterations = isDecaying ? config.budget.iterations : config.budget.iterations * SLACK
  return [
    `budget.policy=${JSON.stringify(policy)}`,
    `budget.cost=${terms.cost}`,
    'budget.total=null',
    `budget.iterations=${Math.min(1000, iterations)}`,
  ]
}

function policyOf(
  kind: Kind,
  value: string | undefined,
  config: RunConfig,
  { cost, rate }: Terms,
  text: string,
): object {
  const written = config.budget.policy
  const number = (what: string, fallback: number | undefined): number => {
    const read = value === undefined ? fallback : Number(value)
    if (read === undefined || !Number.isFinite(read)) {
      throw new ConfigError(`--policies ${text}: write ${kind}:${what}, for example ${kind}:1.1.`)
    }
    return read
  }
  const known = (name: string): number | undefined =>
    name in written ? Number((written as Readonly<Record<string, unknown>>)[name]) : undefined
  const solved = (shape: FormulaPolicy): BudgetPolicy =>
    solveConfig(
      { ...config, budget: { ...config.budget, policy: shape } },
      { cost, open: ['initial'], contraction: undefined },
      rate,
    ).policy
  switch (kind) {
    case 'linear':
      return solved(formulaPolicy('polynomial', 1, 1))
    case 'adaptive':
      return { kind, initial: Math.max(1, Math.round(number('INITIAL', written.initial ?? undefined))) }
    case 'auto':
      return { kind }
    default: {
      const name = FORMULAS[kind].parameter?.name
      return solved(formulaPolicy(kind, 1, name === undefined ? 1 : number(name.toUpperCase(), known(name))))
    }
  }
}
