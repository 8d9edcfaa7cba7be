/** `spendwise rollback`: a run back to the checkpoint of one of its iterations. */

import type { Command } from 'commander'
import { integer, RUN_ARGUMENT, writeResult } from '../options.ts'

interface RollbackFlags {
  readonly to: number
}

const HELP = `
Examples:
  spendwise rollback my-run --to 3      iteration 4 is done again by the next run
  spendwise rollback my-run --to -1     back to the base
What came after leaves the run; a copy of the database as it was stays in its folder, under backups/. To keep both futures, fork.`

export function registerRollback(program: Command): void {
  program
    .command('rollback')
    .description('take a run back to the checkpoint of one of its iterations')
    .argument('<run>', RUN_ARGUMENT)
    .requiredOption('--to <iteration>', 'the last iteration that stays; -1 is the base', integer)
    .addHelpText('after', HELP)
    .action(async (run: string, flags: RollbackFlags) => {
      const { findStoredRun } = await import('../../run/find-run.ts')
      const { rollBackRun } = await import('./fork.ts')
      const copy = rollBackRun(findStoredRun(run).directory, flags.to)
      process.stderr.write(`Rolled back. Go on with: spendwise run ${run}\n`)
      await writeResult(`${copy}\n`)
    })
}
