/** `spendwise plan`: what a run will ask for and cost. Contacts nothing, changes nothing. */

import type { Command } from 'commander'
import { collect, columnsOf, RUN_ARGUMENT, wantsColor, writeResult } from './options.ts'

interface PlanFlags {
  readonly set?: readonly string[]
  readonly dir?: string
  readonly json?: boolean
}

export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description('n_t, expected N_t and cost by iteration; does nothing')
    .argument('<run>', RUN_ARGUMENT)
    .option('--set <key=value>', 'override a key of run.yaml (repeatable)', collect)
    .option('--dir <folder>', 'run folder whose measured acceptance rate counts (default: runs/NAME)')
    .option('--json', 'the plan as JSON')
    .action(async (run: string, flags: PlanFlags) => {
      const { findRun } = await import('../loop/find-run.ts')
      const { planOf } = await import('../loop/plan.ts')
      const { plan, training, warnings } = planOf(findRun(run, { sets: flags.set ?? [], directory: flags.dir }))
      for (const warning of warnings) process.stderr.write(`${warning}\n`)
      if (flags.json) {
        await writeResult(`${JSON.stringify(plan, null, 2)}\n`)
        return
      }
      const { renderPlan } = await import('../report/terminal.ts')
      const table = renderPlan(plan, { color: wantsColor(process.stdout), width: columnsOf(process.stdout) })
      await writeResult(`${table}\n\nTraining: ${training}.\n`)
    })
}
