/** `spendwise traces`: what the model wrote, and why it was judged so. */

import { type Command, Option } from 'commander'
import {
  DISPOSITIONS,
  type Disposition,
  TRACE_ORDERS,
  TRACE_PURPOSES,
  type TraceOrder,
  type TracePurpose,
} from '../../core/trace.ts'
import { VERDICT_KINDS, type VerdictKind } from '../../core/verdict.ts'
import { collect, columnsOf, numberList, RUN_ARGUMENT, wantsColor, wholeNumber } from '../options.ts'

interface TracesFlags {
  readonly verdict?: VerdictKind
  readonly disposition?: Disposition
  readonly purpose: TracePurpose
  readonly iteration?: readonly number[]
  readonly problem?: readonly string[]
  readonly sample?: number
  readonly seed: number
  readonly level?: string
  readonly rule?: string
  readonly source?: string
  readonly search?: string
  readonly sort: TraceOrder
  readonly limit?: number
  readonly pager: boolean
  readonly json?: boolean
}

const HELP = `
Examples:
  spendwise traces my-run --verdict incorrect --sample 5
  spendwise traces my-run --disposition accepted --iteration 2 --json
  spendwise traces my-run --rule probe --level 5 --search "\\sqrt" --sort longest --limit 20
  spendwise traces my-run --purpose evaluate --iteration 4 --problem gsm8k/test/000012`

export function registerTraces(program: Command): void {
  program
    .command('traces')
    .description('read what the model wrote and why it was judged so')
    .argument('<run>', RUN_ARGUMENT)
    .addOption(new Option('--verdict <kind>', 'only this verdict').choices(VERDICT_KINDS))
    .addOption(new Option('--disposition <kind>', 'only what became of it').choices(DISPOSITIONS))
    .addOption(
      new Option('--purpose <kind>', 'what it was drawn for; external: imported')
        .choices(TRACE_PURPOSES)
        .default('train'),
    )
    .option(
      '--iteration <list>',
      'only these iterations, like 0,2,5-7 (-1: the base; give it as --iteration=-1)',
      iterationList,
    )
    .option('--problem <id>', 'only this problem (repeatable)', collect)
    .option('--level <name>', 'only problems of this level')
    .option('--source <name>', 'only problems of this source')
    .option('--rule <name>', 'only those that this rule of the checker decided')
    .option('--search <text>', 'only completions with this text in them, capital letters or not')
    .addOption(new Option('--sort <order>', 'order; lengths are in tokens').choices(TRACE_ORDERS).default('run'))
    .option('--limit <count>', 'at most this many', wholeNumber)
    .option('--sample <count>', 'draw so many at random instead of all', wholeNumber)
    .option('--seed <number>', 'seed of that draw', wholeNumber, 1)
    .option('--no-pager', 'print to the terminal at once, without $PAGER')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', HELP)
    .action(async (run: string, flags: TracesFlags) => {
      const { listTraces } = await import('../../run/traces.ts')
      const { renderTrace } = await import('../../report/terminal/status.ts')
      const { findStoredRun } = await import('../../run/find-run.ts')
      const { openPager } = await import('./pager.ts')
      const style = { color: wantsColor(process.stdout), width: columnsOf(process.stdout) }
      const { iteration, problem, sort, pager, json, ...rest } = flags
      const traces = listTraces(findStoredRun(run).directory, {
        verdict: undefined,
        disposition: undefined,
        sample: undefined,
        ...rest,
        iterations: iteration,
        problems: problem,
        order: sort,
      })
      const out = openPager(pager && !json)
      let shown = 0
      for (const trace of traces) {
        shown++
        if (!(await out.write(json ? `${JSON.stringify(trace)}\n` : `${renderTrace(trace, style)}\n`))) break
      }
      await out.close()
      if (shown === 0) process.stderr.write('No trace fits.\n')
    })
}

function iterationList(value: string): number[] {
  return value === '-1' ? [-1] : numberList(value)
}
