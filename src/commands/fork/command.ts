/** `spendwise fork`: another future from an iteration of a run, next to it. */

import { resolve } from 'node:path'
import type { Command } from 'commander'
import { collect, RUN_ARGUMENT, wholeNumber, withDatabase, writeResult } from '../options.ts'

interface ForkFlags {
  readonly at: number
  readonly name?: string
  readonly dir?: string
  readonly database?: string
  readonly set?: readonly string[]
}

const HELP = `
Examples:
  spendwise fork my-run --at 3 --set train.lr=5.0e-7          iteration 3 and those after it once more, with another rate
  spendwise fork my-run --at 3 --name steeper --set budget.policy.growth=3
The iterations before it, their traces and the checkpoint they led to are copied; the run itself stays as it is. Problems, prompts and
the base stay the same. Go on with: spendwise run NAME`

export function registerFork(program: Command): void {
  program
    .command('fork')
    .description('take up a run again from one of its iterations, in a folder of its own')
    .argument('<run>', RUN_ARGUMENT)
    .requiredOption('--at <iteration>', 'the first iteration that is done again', wholeNumber)
    .option('--name <name>', 'name of the fork (default: NAME-at-T)')
    .option('--dir <folder>', 'its run folder (default: runs/NAME)')
    .option('--database <folder>', 'keep its database there, on a local disk (run --help)')
    .option('--set <key=value>', 'override a key of the configuration (repeatable)', collect)
    .addHelpText('after', HELP)
    .action(async (run: string, flags: ForkFlags) => {
      const { findStoredRun } = await import('../../run/find-run.ts')
      const { forkRun } = await import('./fork.ts')
      const found = findStoredRun(run)
      const name = flags.name ?? `${found.config.name}-at-${flags.at}`
      const directory = resolve(flags.dir ?? `runs/${name}`)
      forkRun(found, { at: flags.at, name, directory, sets: withDatabase(flags.set, flags.database) })
      process.stderr.write(`Forked before iteration ${flags.at}. Go on with: spendwise run ${flags.dir ?? name}\n`)
      await writeResult(`${directory}\n`)
    })
}
