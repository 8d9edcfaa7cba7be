/** `spendwise compare`: policies at equal total cost, paired over seeds. */

import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../../core/errors.ts'
import { interruptible } from '../interrupt.ts'
import { collect, columnsOf, wantsColor, wholeNumber, writeResult } from '../options.ts'

interface CompareFlags {
  readonly policies: string
  readonly cost?: number
  readonly rate: number
  readonly seeds: number
  readonly firstSeed: number
  readonly tuningSeeds: number
  readonly target?: number
  readonly set?: readonly string[]
  readonly dir?: string
  readonly json?: boolean
}

const HELP = `
A policy is KIND, KIND:PARAMETER, or either with settings of its own: constant, linear, polynomial:2, exponential:1.1, cost-aware:1.1,
adaptive, auto, constant+train.lrSchedule=run-decay. n_0 is solved so that budget.iterations iterations cost C at the expected rate.
PARAMETER|PARAMETER|... are alternatives; the best on the gate split, over the tuning seeds, is compared. Every policy needs as many.

Examples:
  spendwise compare run.yaml --policies constant,linear,exponential:1.1 --seeds 5 --cost 60000 --rate 0.5
  spendwise compare run.yaml --policies 'exponential:1.05|1.1,polynomial:1|2' --seeds 5 --cost 60000 --rate 0.5
Runs lie under runs/compare-NAME, each a run of its own; the same command resumes after any stop. The page is compare.html there.`

export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('compare policies at equal total cost, paired over seeds')
    .argument('<run.yaml>', 'what all runs share')
    .requiredOption('--policies <list>', 'policies, separated by commas; the others are compared with the first')
    .option('--cost <cost>', 'total cost of every run (default: budget.cost of run.yaml)', positive)
    .requiredOption('--rate <r>', 'expected acceptance rate, by which n_0 is solved', share)
    .option('--seeds <count>', 'seeds', wholeNumber, 3)
    .option('--first-seed <seed>', 'the first of them', wholeNumber, 1001)
    .option('--tuning-seeds <count>', 'seeds for choosing among alternatives', wholeNumber, 1)
    .option(
      '--target <accuracy>',
      "accuracy whose cost is asked for (default: the first policy's mean at the end)",
      share,
    )
    .option('--set <key=value>', 'override a key of run.yaml for all runs (repeatable)', collect)
    .option('--dir <folder>', 'folder of its runs (default: runs/compare-NAME)')
    .option('--json', 'the comparison as JSON')
    .addHelpText('after', HELP)
    .action(run)
}

async function run(path: string, flags: CompareFlags): Promise<void> {
  const { makeNamedDirectory } = await import('../../disk/make-directory.ts')
  const { loadRunConfig } = await import('../../config/parse.ts')
  const { compare } = await import('./compare.ts')
  const { renderComparison } = await import('../../report/terminal/comparison.ts')
  const { renderComparisonPage } = await import('../../report/html/comparison.ts')
  const { config, path: configPath } = loadRunConfig(path, flags.set ?? [])
  const cost = flags.cost ?? config.budget.cost
  if (cost === null)
    throw new ConfigError('Every run gets the same total cost: give it with --cost, or as budget.cost in run.yaml.')
  if (flags.seeds < 1 || flags.tuningSeeds < 1) throw new ConfigError('--seeds and --tuning-seeds are at least 1.')
  const directory = resolve(flags.dir ?? join('runs', `compare-${config.name}`))
  makeNamedDirectory(directory, `The folder ${directory}`, 'name another place with --dir')
  const interrupt = interruptible()
  const comparison = await compare({
    config,
    configPath,
    directory,
    cost,
    rate: flags.rate,
    policies: flags.policies.split(','),
    seeds: flags.seeds,
    firstSeed: flags.firstSeed,
    tuningSeeds: flags.tuningSeeds,
    target: flags.target,
    tell: (line) => void process.stderr.write(`${line}\n`),
    signal: interrupt.signal,
  }).finally(interrupt.end)
  const page = join(directory, 'compare.html')
  writeFileSync(page, await renderComparisonPage(comparison))
  process.stderr.write(`${page}\n`)
  const style = { color: wantsColor(process.stdout), width: columnsOf(process.stdout) }
  await writeResult(flags.json ? `${JSON.stringify(comparison, null, 2)}\n` : renderComparison(comparison, style))
}

function positive(value: string): number {
  const number = Number(value)
  if (!(number > 0) || !Number.isFinite(number)) throw new InvalidArgumentError('Give a number above 0.')
  return number
}

function share(value: string): number {
  const number = Number(value)
  if (!(number > 0) || number > 1) throw new InvalidArgumentError('Give a share, above 0 and at most 1.')
  return number
}
