/** Where sound checkers differ by taste: each choice, and the one that is made when nothing is said. */

export const PERCENT_POLICIES = ['either', 'hundredth', 'drop'] as const
/**
 * What `50%` against a number without the sign means:
 * - `either` (default): equals `1/2` and equals `50`; datasets state the answer of "what percent" both ways
 * - `hundredth`: equals `1/2` only
 * - `drop`: equals `50` only
 */
export type PercentPolicy = (typeof PERCENT_POLICIES)[number]

export const ROUNDING_POLICIES = ['either', 'gold', 'none'] as const
/**
 * Whether a decimal equals the exact value that rounds to it, at its own digits:
 * - `either` (default): the gold answer may be the decimal, or the answer with three significant digits or more
 * - `gold`: only a decimal gold answer; an exact one needs an exact answer
 * - `none`: 0.33 never equals 1/3
 */
export type RoundingPolicy = (typeof ROUNDING_POLICIES)[number]

export const ORDER_POLICIES = ['free', 'strict'] as const
/** Lists without brackets in any order (`free`, default) or as the gold answer has them. Tuples are always ordered. */
export type OrderPolicy = (typeof ORDER_POLICIES)[number]

export const EXTRA_POLICIES = ['reject', 'allow'] as const
/** Answers beyond those of the gold list: wrong (default), or no harm. */
export type ExtraPolicy = (typeof EXTRA_POLICIES)[number]

export const UNIT_POLICIES = ['optional', 'required'] as const
/** A unit on one side only: no harm (default), or different. Two units are always compared. */
export type UnitPolicy = (typeof UNIT_POLICIES)[number]

export const PARTS_POLICIES = ['last', 'all'] as const
/** Several boxes far apart: the last is the answer (default), or all of them are the parts of one list. */
export type PartsPolicy = (typeof PARTS_POLICIES)[number]

export interface Policies {
  readonly percent: PercentPolicy
  readonly rounding: RoundingPolicy
  readonly order: OrderPolicy
  readonly extra: ExtraPolicy
  readonly units: UnitPolicy
  readonly parts: PartsPolicy
}

export const DEFAULT_POLICIES: Policies = {
  percent: 'either',
  rounding: 'either',
  order: 'free',
  extra: 'reject',
  units: 'optional',
  parts: 'last',
}

/** What differs from the defaults, for the checker's name in a verdict: ` percent=drop units=required`; empty for none. */
export function policyMarks(policies: Policies): string {
  return POLICY_NAMES.filter((name) => policies[name] !== DEFAULT_POLICIES[name])
    .map((name) => ` ${name}=${policies[name]}`)
    .join('')
}

export const POLICY_NAMES = [
  'percent',
  'rounding',
  'order',
  'extra',
  'units',
  'parts',
] as const satisfies readonly (keyof Policies)[]
