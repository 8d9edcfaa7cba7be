/** `spendwise simulate`: what a policy brings and costs where that is known exactly. No model, no server, no file. */

import { type Command, InvalidArgumentError } from 'commander'
import { wholeNumber } from './options.ts'

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

const HELP = `
Policies: constant:INITIAL  polynomial:INITIAL,DEGREE  exponential:INITIAL,GROWTH
          cost-aware:INITIAL,GROWTH (times sqrt(w_0 / w), w = c_t + c_g / r by the iteration before)
          optimal:TOTAL (least variance at a total cost; with the default costs at a sum of n_t)
Example:  spendwise simulate gaussian --sigma2 1 --kappa2 4 --theta2 9 --dim 2 --policy exponential:10,1.25 --iterations 12`

export function registerSimulate(program: Command): void {
  program
    .command('simulate')
    .description('what a budget policy brings and costs in a model that is known exactly')
    .command('gaussian')
    .description("the paper's Gaussian model: closed forms, and the real rejection loop beside them")
    .requiredOption('--sigma2 <number>', 'variance of the generator', positive)
    .requiredOption('--kappa2 <number>', 'width of the reward exp(-|x|^2 / (2 kappa2))', positive)
    .requiredOption('--theta2 <number>', '|theta_0|^2: how far off the first generator is', notNegative)
    .requiredOption('--dim <number>', 'dimension', oneOrMore)
    .requiredOption('--policy <kind:numbers>', 'n_t; kinds are below')
    .requiredOption('--iterations <number>', 'how many', oneOrMore)
    .option('--costs <c_g,c_t>', 'cost of a sample, and of training on an accepted one', '0,1')
    .option('--until <gap>', 'end as soon as the expected gap to the best reward is at most this', positive)
    .option('--monte-carlo <runs>', 'run the real loop so many times beside the closed forms', wholeNumber)
    .option('--seed <number>', 'seed of --monte-carlo', wholeNumber, 1)
    .option('--json', 'the numbers as JSON, unrounded')
    .option('--html <file>', 'write a page with plots')
    .addHelpText('after', HELP)
    .action(async (flags: GaussianFlags) => {
      const { simulateGaussian } = await import('./simulate-gaussian.ts')
      await simulateGaussian(flags)
    })
}

function notNegative(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || !Number.isFinite(number) || number < 0) {
    throw new InvalidArgumentError('Give a number of at least 0.')
  }
  return number
}

function positive(value: string): number {
  const number = notNegative(value)
  if (number === 0) throw new InvalidArgumentError('Give a number above 0.')
  return number
}

function oneOrMore(value: string): number {
  const number = wholeNumber(value)
  if (number < 1) throw new InvalidArgumentError('Give a whole number of at least 1.')
  return number
}
