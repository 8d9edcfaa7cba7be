/**
 * The budget policies whose n_t follows a formula, one row each: schema, plan, report, what-if and the command line derive from it.
 *
 * The paper's three families (arXiv 2501.18962, section 3), with t from 0: constant n_0; polynomial n_0 (1+t)^degree; exponential
 * n_0 growth^t, growth = 1 + u. And cost-aware n_0 growth^t sqrt(w_0 / w_t), which keeps early traces few while they are dear:
 * w_t = c_t + c_g / r_t is the price of an accepted trace. With growth = 1 / lambda it leaves the least variance for its cost in the
 * paper's Gaussian model.
 */

/** What sets a policy apart from others of its kind, in addition to n_0. */
export interface FormulaParameter<Name extends string = string> {
  /** Its key in run.yaml. */
  readonly name: Name
  /** It must be above this. */
  readonly above: number
  /** What to do about a value that is not. */
  readonly advice: string
  /** For the reference of run.yaml. */
  readonly text: string
  readonly example: number
}

/** One kind of policy. */
export interface Formula {
  /** For the reference of run.yaml. */
  readonly text: string
  readonly parameter: FormulaParameter | undefined
  /**
   * n_t before it is rounded.
   * @param t the iteration, from 0
   * @param relativePrice w_t / w_0, above 0
   */
  at(initial: number, parameter: number, t: number, relativePrice: number): number
  /** The formula for people, with its numbers. */
  words(initial: number, parameter: number): string
  /** Whether n_t depends on what the iterations before it cost. */
  readonly followsPrices?: boolean
}

const DEGREE: FormulaParameter<'degree'> = {
  name: 'degree',
  above: 0,
  advice: 'a growing polynomial needs a degree above 0. Use kind: constant to keep it flat.',
  text: 'Degree; 1 is linear.',
  example: 1,
}

const GROWTH: FormulaParameter<'growth'> = {
  name: 'growth',
  above: 1,
  advice: 'exponential growth must be above 1. Use kind: constant to keep it flat.',
  text: 'Factor from one iteration to the next.',
  example: 2,
}

export const FORMULAS = {
  constant: {
    text: 'n_t = initial.',
    parameter: undefined,
    at: (initial) => initial,
    words: (initial) => `${initial}`,
  },
  polynomial: {
    text: 'n_t = initial (1 + t)^degree, rounded.',
    parameter: DEGREE,
    at: (initial, degree, t) => initial * (t + 1) ** degree,
    words: (initial, degree) => `${initial} (1+t)^${degree}`,
  },
  exponential: {
    text: 'n_t = initial growth^t, rounded.',
    parameter: GROWTH,
    at: (initial, growth, t) => initial * growth ** t,
    words: (initial, growth) => `${initial} · ${growth}^t`,
  },
  'cost-aware': {
    text: 'n_t = initial growth^t sqrt(w_0 / w), w = c_t + c_g / r by the acceptance rate of the iteration before, rounded.',
    parameter: {
      ...GROWTH,
      advice: 'growth must be above 1. Use kind: constant to keep it flat.',
      text: 'Factor from one iteration to the next at equal prices; best at 1 over the contraction.',
      example: 1.25,
    },
    at: (initial, growth, t, relativePrice) => (initial * growth ** t) / Math.sqrt(relativePrice),
    words: (initial, growth) => `${initial} · ${growth}^t · sqrt(w_0 / w), w = c_t + c_g / r by the iteration before,`,
    followsPrices: true,
  },
} as const satisfies Record<string, Formula>

export type FormulaKind = keyof typeof FORMULAS
export const FORMULA_KINDS = Object.keys(FORMULAS) as readonly FormulaKind[]

/** Every policy that follows a formula, with the keys that run.yaml gives it. */
export type FormulaPolicy = {
  [Kind in FormulaKind]: { readonly kind: Kind; readonly initial: number } & ParameterOf<Kind>
}[FormulaKind]

type ParameterOf<Kind extends FormulaKind> = (typeof FORMULAS)[Kind]['parameter'] extends infer P
  ? P extends { readonly name: infer Name extends string }
    ? { readonly [Key in Name]: number }
    : unknown
  : never

/** The formula of a policy; undefined for one that is decided by measurements. */
export function formulaOf(kind: string, formulas: Formulas = FORMULAS): Formula | undefined {
  return Object.hasOwn(formulas, kind) ? formulas[kind] : undefined
}

export type Formulas = Readonly<Record<string, Formula>>

/** The value of a policy's parameter; 1 where its kind has none. */
export function parameterOf(policy: { readonly kind: string }, formulas: Formulas = FORMULAS): number {
  const name = formulaOf(policy.kind, formulas)?.parameter?.name
  const values = policy as Readonly<Record<string, unknown>>
  return name === undefined ? 1 : Number(values[name])
}

/** A policy from its parts; the parameter is left out where the kind has none. */
export function formulaPolicy(kind: FormulaKind, initial: number, parameter: number): FormulaPolicy {
  const name = FORMULAS[kind].parameter?.name
  return { kind, initial, ...(name === undefined ? {} : { [name]: parameter }) } as FormulaPolicy
}
