/** `spendwise plan`: what a run will ask for and cost. Contacts nothing, changes nothing. */

import { type Command, InvalidArgumentError } from 'commander'
import { adviceOn } from '../../core/budget/advice.ts'
import { ConfigError } from '../../core/errors.ts'
import { amount } from '../../report/format.ts'
import { collect, columnsOf, RUN_ARGUMENT, wantsColor, wholeNumber, writeResult } from '../options.ts'
import type { PlanSolution, PlanWithWarnings } from './plan.ts'
import type { SolveRequest } from './solve.ts'

interface PlanFlags {
  readonly set?: readonly string[]
  readonly dir?: string
  readonly json?: boolean
  readonly rate?: readonly number[]
  readonly budget?: number
  readonly open?: string
  readonly contraction?: number
  readonly pilot?: number
  readonly drop?: number
}

const HELP = `
Examples:
  spendwise plan run.yaml
  spendwise plan run.yaml --pilot 200
  spendwise plan run.yaml --rate 0.2,0.3,0.4 --set budget.iterations=8
  spendwise plan run.yaml --drop 0.02
  spendwise plan run.yaml --budget 60000 --open initial --rate 0.4

Solving: --budget 60000 --open initial               the largest n_0 that costs no more than 60000
         --budget 60000 --open growth | iterations   the same for these
         --budget 60000 --open growth,initial --contraction 0.8   the growth that leaves the least variance`

export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description('n_t, expected N_t and cost by iteration; does nothing')
    .argument('<run>', RUN_ARGUMENT)
    .option('--set <key=value>', 'override a key of run.yaml (repeatable)', collect)
    .option('--dir <folder>', 'run folder whose measured acceptance rate counts (default: runs/NAME)')
    .option('--rate <r,...>', 'expected acceptance rates by iteration, instead of a measured one', rates)
    .option('--budget <cost>', 'solve for what --open names, so that the run costs this', positive)
    .option('--open <keys>', 'initial, growth, iterations, or growth,initial')
    .option('--contraction <lambda>', 'what an iteration leaves of the gap to the best reward', share)
    .option('--drop <share>', 'a drop in accuracy that the gate should see (default: 0.03)', share)
    .option('--json', 'the plan as JSON')
    .addHelpText('after', HELP)
    .option(
      '--pilot <samples>',
      'draw so many samples of the base first, stored with the run, and forecast by them',
      pilotSize,
    )
    .action(async (run: string, flags: PlanFlags) => {
      const { pilot } = flags
      if (pilot !== undefined) {
        const { runCommand } = await import('../run/work.ts')
        await runCommand({ run, flags: { ...placeOf(flags), quiet: flags.json === true }, only: undefined, pilot })
      }
      const { findRun } = await import('../../run/find-run.ts')
      const { planOf } = await import('./plan.ts')
      const { situationOf } = await import('../../config/situation.ts')
      const found = findRun(run, { sets: flags.set ?? [], directory: flags.dir })
      const { plan, training, extras, gate, warnings } = await planOf(found, {
        rates: flags.rate,
        drop: flags.drop,
        solve: solveRequest(flags),
      })
      for (const warning of warnings) process.stderr.write(`${warning}\n`)
      const { inheritedBy } = await import('../../config/parse.ts')
      const inherited = found.named === 'file' ? inheritedBy(found.configPath) : []
      if (flags.json) {
        await writeResult(`${JSON.stringify(inherited.length === 0 ? plan : { ...plan, inherited }, null, 2)}\n`)
        return
      }
      const { renderPlan } = await import('../../report/terminal/status.ts')
      const { renderForecast, renderSizes } = await import('../../report/terminal/forecast.ts')
      const style = { color: wantsColor(process.stdout), width: columnsOf(process.stdout) }
      const predicted = plan.forecast && plan.pilot ? [renderForecast(plan.pilot, plan.forecast, style)] : []
      const parts = [renderPlan(plan, style), renderSizes(plan, style), ...predicted].filter((part) => part !== '')
      const table = parts.join('\n\n')
      const solved = plan.solved ? `Solved: ${solvedInWords(plan.solved, found.config.budget.total !== null)}\n` : ''
      const prices = pricesInWords(plan)
      const beside = extras === undefined ? '' : `${extras}\n`
      const advice = adviceOn(situationOf(found.config, plan.pilot?.acceptanceRate))
      const sight = gate === undefined ? '' : `${gate}\n`
      const origins = inherited.map(({ file, keys }) => `From ${file}: ${keys.join(', ')}.\n`).join('')
      await writeResult(`${table}\n\n${origins}${solved}${prices}${beside}Training: ${training}.\n${sight}${advice}\n`)
    })
}

/** What a unit's prices are, where it has one. */
function pricesInWords({ costUnit, prices }: PlanWithWarnings['plan']): string {
  const { sample, train, iteration } = prices
  if (costUnit === '' || sample === null || train === null || iteration === null) return ''
  return `Cost in ${costUnit}: ${amount(sample)} a sample, ${amount(train)} a trace trained on, ${amount(iteration)} an iteration.\n`
}

/** Where the run lives and what it is, as `run` takes it. */
function placeOf({ set, dir }: PlanFlags): Pick<PlanFlags, 'set' | 'dir'> {
  return { ...(set && { set }), ...(dir !== undefined && { dir }) }
}

function solveRequest({ budget, open, contraction }: PlanFlags): SolveRequest | undefined {
  if (budget === undefined && open === undefined) return undefined
  if (budget === undefined || open === undefined) {
    throw new ConfigError('--budget COST and --open KEYS go together: what to spend, and what to solve for.')
  }
  return { cost: budget, open: open.split(',').map((key) => key.trim()), contraction }
}

/** As it is to be written into run.yaml. */
function solvedInWords({ policy, iterations, total }: PlanSolution, hadTotal: boolean): string {
  const pairs = Object.entries(policy).map(([key, value]) => `${key}: ${value}`)
  return `budget: { policy: { ${pairs.join(', ')} }, iterations: ${iterations}${hadTotal ? `, total: ${total}` : ''} }`
}

/** Fewer tell next to nothing, more are an iteration. */
function pilotSize(value: string): number {
  const samples = wholeNumber(value)
  if (samples < 20 || samples > 100_000)
    throw new InvalidArgumentError('Give 20 to 100000 samples; 200 are a good pilot.')
  return samples
}

function rates(value: string): number[] {
  return value.split(',').map((part) => {
    const rate = Number(part)
    if (part.trim() === '' || !(rate > 0 && rate <= 1)) {
      throw new InvalidArgumentError('Give shares above 0 and up to 1, like 0.4 or 0.2,0.3,0.35.')
    }
    return rate
  })
}

function positive(value: string): number {
  const number = Number(value)
  if (!(number > 0 && Number.isFinite(number))) throw new InvalidArgumentError('Give a number above 0.')
  return number
}

function share(value: string): number {
  const number = Number(value)
  if (!(number > 0 && number < 1)) throw new InvalidArgumentError('Give a number between 0 and 1.')
  return number
}
