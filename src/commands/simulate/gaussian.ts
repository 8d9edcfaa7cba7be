/** The work of `simulate gaussian`: a policy from its flag, the closed forms, the rejection loop, and how they are shown. */

import { FORMULA_KINDS, FORMULAS, type FormulaPolicy, formulaPolicy } from '../../core/budget/formulas.ts'
import { ConfigError } from '../../core/errors.ts'
import { renderSimulation, type Simulation } from '../../report/terminal/simulation.ts'
import {
  constantsOf,
  type GaussianModel,
  type GaussianState,
  gaussianStates,
  totalsOf,
} from '../../simulate/gaussian.ts'
import { reachGap } from '../../simulate/reach.ts'
import { monteCarlo } from '../../simulate/rejection-loop.ts'
import { type Allocation, sizesOf } from '../../simulate/sizes.ts'
import { columnsOf, wantsColor, writeResult } from '../options.ts'
import { writePage } from '../write-page.ts'

/** Flags of `simulate gaussian`, as commander hands them over. */
export interface GaussianFlags {
  readonly sigma2: number
  readonly kappa2: number
  readonly theta2: number
  readonly dim: number
  readonly policy: string
  readonly iterations: number
  readonly costs: string
  readonly until?: number
  readonly monteCarlo?: number
  readonly seed: number
  readonly json?: boolean
  readonly html?: string
}

/** Above this the rejection loop takes minutes. */
const MOST_DRAWS = 1e9
/** Rows that a table and a page can hold. */
const MOST_ITERATIONS = 100_000

/** @throws ConfigError where a flag cannot be used */
export async function simulateGaussian(flags: GaussianFlags): Promise<void> {
  const simulation = simulate(flags)
  if (flags.html !== undefined) {
    const { renderSimulationPage } = await import('../../report/html/simulation.ts')
    writePage(flags.html, await renderSimulationPage(simulation))
  }
  await writeResult(
    flags.json
      ? `${JSON.stringify(shapeOf(simulation), null, 2)}\n`
      : `${renderSimulation(simulation, { color: wantsColor(process.stdout), width: columnsOf(process.stdout) })}\n`,
  )
}

function simulate(flags: GaussianFlags): Simulation {
  const { sigma2, kappa2, theta2, dim, iterations } = flags
  if (iterations > MOST_ITERATIONS) {
    throw new ConfigError(`--iterations ${iterations} is more than ${MOST_ITERATIONS}; give fewer.`)
  }
  const model: GaussianModel = { sigma2, kappa2, theta2, dimension: dim }
  const sizes = sizesOf(model, readPolicy(flags.policy), readCosts(flags.costs), iterations)
  if (sizes === undefined) {
    throw new ConfigError(
      `--policy ${flags.policy}: the total does not pay for one sample in each of ${iterations} iterations; raise it, or take fewer iterations.`,
    )
  }
  const limits = { iterations, accepted: Number.POSITIVE_INFINITY }
  const reached = flags.until === undefined ? undefined : reachGap(model, sizes, flags.until, limits)
  const wanted = sizes.slice(0, reached?.iterations)
  const beyond = wanted.findIndex((n) => n > Number.MAX_SAFE_INTEGER)
  if (beyond >= 0) {
    throw new ConfigError(
      `--policy ${flags.policy}: iteration ${beyond} asks for more samples than can be counted; take fewer iterations or slower growth.`,
    )
  }
  const states = [...gaussianStates(model, wanted)]
  const { bestReward, contraction } = constantsOf(model)
  return {
    policy: flags.policy,
    bestReward,
    contraction,
    iterations: states,
    totals: totalsOf(states),
    until: flags.until === undefined ? undefined : { gap: flags.until, reached: reached !== undefined },
    monteCarlo: flags.monteCarlo === undefined ? undefined : runLoop(model, states, flags.monteCarlo, flags.seed),
  }
}

function runLoop(model: GaussianModel, states: readonly GaussianState[], runs: number, seed: number) {
  if (runs < 2) throw new ConfigError(`--monte-carlo ${runs}: give 2 runs at least, so that there is a standard error.`)
  const draws = runs * totalsOf(states).expectedSamples
  if (!(draws <= MOST_DRAWS)) {
    throw new ConfigError(
      `--monte-carlo ${runs} would draw ${draws.toPrecision(2)} samples, more than ${MOST_DRAWS}; give fewer runs or a smaller policy.`,
    )
  }
  return monteCarlo(model, states, { runs, seed })
}

/** What machines read; `iterations` and `totals` are always there. */
function shapeOf({ iterations, totals, bestReward, contraction, until, monteCarlo: loop }: Simulation): object {
  return { iterations, totals, bestReward, contraction, until, monteCarlo: loop }
}

/** `exponential:10,1.25` as a policy. */
function readPolicy(text: string): FormulaPolicy | Allocation {
  const kinds = [...FORMULA_KINDS, 'optimal'] as const
  const [name, rest = ''] = text.split(/:(.*)/s)
  const kind = kinds.find((known) => known === name)
  if (kind === undefined)
    throw new ConfigError(`--policy ${text}: there is no kind ${name}. Kinds: ${kinds.join(', ')}.`)
  const named = kind === 'optimal' ? undefined : FORMULAS[kind].parameter?.name
  const parameters = kind === 'optimal' ? ['TOTAL'] : ['INITIAL', ...(named === undefined ? [] : [named.toUpperCase()])]
  const numbers = rest.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const [first = Number.NaN, second = Number.NaN] = numbers
  const given = numbers.length === parameters.length && numbers.every(Number.isFinite) && first > 0
  if (!given || (named === 'growth' && second <= 0)) {
    throw new ConfigError(`--policy ${text}: write ${kind}:${parameters.join(',')}, with numbers above 0.`)
  }
  return kind === 'optimal' ? { kind, total: first } : formulaPolicy(kind, first, second)
}

function readCosts(text: string): { sample: number; train: number } {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const [sample = 0, train = 0] = numbers
  const valid = numbers.length === 2 && numbers.every((number) => Number.isFinite(number) && number >= 0)
  if (!valid || sample + train === 0) {
    throw new ConfigError(`--costs ${text}: write c_g,c_t, two numbers of at least 0, one of them above 0.`)
  }
  return { sample, train }
}
