/** `spendwise simulate`: what a policy brings and costs, in a model that is known exactly, or in a run, from its pilot. No server is asked. */

import { type Command, InvalidArgumentError, Option } from 'commander'
import { collect, RUN_ARGUMENT, wholeNumber } from '../options.ts'
import type { DenoisingFlags } from './denoising.ts'
import type { GaussianFlags } from './gaussian.ts'
import type { Range, RunFlags } from './run.ts'

const HELP = `
Policies: constant:INITIAL  polynomial:INITIAL,DEGREE  exponential:INITIAL,GROWTH
          cost-aware:INITIAL,GROWTH (times sqrt(w_0 / w), w = c_t + c_g / r by the iteration before)
          optimal:TOTAL (least variance at a total cost; with the default costs at a sum of n_t)
Example:  spendwise simulate gaussian --sigma2 1 --kappa2 4 --theta2 9 --dim 2 --policy exponential:10,1.25 --iterations 12`

const EXAMPLES = `
Examples:
  spendwise simulate gaussian --sigma2 1 --kappa2 4 --theta2 9 --dim 2 --policy exponential:10,1.25 --iterations 12
  spendwise simulate run run.yaml --policy linear --contraction 0.7,0.9
  spendwise simulate denoising --html denoising.html`

const RUN_HELP = `
Policies: constant[:INITIAL]  linear[:INITIAL]  polynomial:[INITIAL,]DEGREE  exponential:[INITIAL,]GROWTH  cost-aware:[INITIAL,]GROWTH
          adaptive[:INITIAL]
          Without INITIAL, n_0 is solved so that it costs as much as the run's own policy.
Assumptions are one number, or a range that holds it with 95%: --contraction 0.8 or --contraction 0.7,0.9.
Examples:  spendwise plan run.yaml --pilot 200
           spendwise simulate run run.yaml
           spendwise simulate run run.yaml --policy linear --policy exponential:1.3 --contraction 0.7,0.9 --best 0.85 --html what-if.html`

const DENOISING_HELP = `
docs/denoising.md says what the paper reports, what its code does, and what comes out here.
Examples:  spendwise simulate denoising
           spendwise simulate denoising --preset full --html denoising.html
           spendwise simulate denoising --preset full --noise 10 --json
           spendwise simulate denoising --preset full --refit`

export function registerSimulate(program: Command): void {
  const simulate = program
    .command('simulate')
    .description('what budget policies bring and cost, before anything is spent')
    .addHelpText('after', EXAMPLES)
  registerRun(simulate)
  registerDenoising(simulate)
  simulate
    .command('gaussian')
    .description("the paper's Gaussian model: closed forms, and the real rejection loop next to them")
    .requiredOption('--sigma2 <number>', 'variance of the generator', positive)
    .requiredOption('--kappa2 <number>', 'width of the reward exp(-|x|^2 / (2 kappa2))', positive)
    .requiredOption('--theta2 <number>', '|theta_0|^2: how far off the first generator is', notNegative)
    .requiredOption('--dim <number>', 'dimension', oneOrMore)
    .requiredOption('--policy <kind:numbers>', 'n_t; kinds are below')
    .requiredOption('--iterations <number>', 'how many', oneOrMore)
    .option('--costs <c_g,c_t>', 'cost of a sample, and of training on an accepted one', '0,1')
    .option('--until <gap>', 'end as soon as the expected gap to the best reward is at most this', positive)
    .option('--monte-carlo <runs>', 'run the real loop so many times next to the closed forms', wholeNumber)
    .option('--seed <number>', 'seed of --monte-carlo', wholeNumber, 1)
    .option('--json', 'the numbers as JSON, unrounded')
    .option('--html <file>', 'write a page with plots')
    .addHelpText('after', HELP)
    .action(async (flags: GaussianFlags) => {
      const { simulateGaussian } = await import('./gaussian.ts')
      await simulateGaussian(flags)
    })
}

function registerDenoising(simulate: Command): void {
  simulate
    .command('denoising')
    .description("the paper's image experiment on two cores: a small diffusion model, real digits, and the controls")
    .addOption(
      new Option('--preset <name>', 'quick takes about a minute, full some')
        .choices(['quick', 'full'])
        .default('quick'),
    )
    .addOption(new Option('--noise <steps>', 'noise of the images').choices(['10', '20']).default('20'))
    .option('--refit', 'n_t as few distinct images that are fitted for fixed steps', false)
    .option('--seeds <number>', 'runs an arm (default: 2, with full 5)', seedCount)
    .option('--threads <number>', 'runs at a time; the numbers do not depend on it', oneOrMore, 2)
    .option('--json', 'the numbers as JSON, unrounded')
    .option('--html <file>', 'write a page with images and plots')
    .addHelpText('after', DENOISING_HELP)
    .action(async ({ noise, ...flags }: Omit<DenoisingFlags, 'noise'> & { readonly noise: string }) => {
      const { simulateDenoising } = await import('./denoising.ts')
      await simulateDenoising({ ...flags, noise: Number(noise) })
    })
}

function registerRun(simulate: Command): void {
  simulate
    .command('run')
    .description(
      'what-if of a run, from its pilot or its iterations so far: N_t, cost and accuracy of policies with 95% bands',
    )
    .argument('<run>', RUN_ARGUMENT)
    .option('--policy <kind:numbers>', "beside the run's own (repeatable; default: constant); kinds are below", collect)
    .option(
      '--contraction <lambda>',
      'assume what an iteration leaves of the gap to the best accuracy',
      shares(0.2, 0.99),
    )
    .option('--best <share>', 'assume the best accuracy that training can reach', shares(0, 1))
    .option('--noise <number>', "assume an update's noise: the larger, the more an n_t that is too small costs", noise)
    .option('--draws <number>', 'worlds to play the policies in', draws, 200)
    .option('--set <key=value>', 'override a key of run.yaml (repeatable)', collect)
    .option('--dir <folder>', 'run folder (default: runs/NAME)')
    .option('--json', 'the numbers as JSON')
    .option('--html <file>', 'write a page with plots')
    .addHelpText('after', RUN_HELP)
    .action(async (run: string, flags: RunFlags) => {
      const { simulateRun } = await import('./run.ts')
      await simulateRun(run, flags)
    })
}

/** One share, or two with a comma between. */
function shares(least: number, most: number): (value: string) => Range {
  return (value) => {
    const numbers = value.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
    const [low = Number.NaN, high = low] = numbers
    if (numbers.length > 2 || !(low > 0 && low >= least && low <= high && high <= most)) {
      throw new InvalidArgumentError(
        `Give a share ${least === 0 ? 'above 0' : `from ${least}`} up to ${most}, or two: 0.7,0.9.`,
      )
    }
    return { low, high }
  }
}

/** A number from 0, or two. */
function noise(value: string): Range {
  const numbers = value.split(',').map(notNegative)
  const [low = Number.NaN, high = low] = numbers
  if (numbers.length > 2 || low > high) throw new InvalidArgumentError('Give a number, or two: 100,1000.')
  return { low, high }
}

function draws(value: string): number {
  const number = wholeNumber(value)
  if (number < 20 || number > 10_000) throw new InvalidArgumentError('Give 20 to 10000.')
  return number
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

function seedCount(value: string): number {
  const number = oneOrMore(value)
  if (number > 20) throw new InvalidArgumentError('Give 1 to 20.')
  return number
}

function oneOrMore(value: string): number {
  const number = wholeNumber(value)
  if (number < 1) throw new InvalidArgumentError('Give a whole number of at least 1.')
  return number
}
