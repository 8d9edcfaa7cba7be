/** `spendwise run`: runs a run.yaml, or resumes after any stop. */

import type { Command } from 'commander'
import { collect, RUN_ARGUMENT } from '../options.ts'
import type { RunCommand, RunFlags } from './work.ts'

const HELP = `
Examples:
  spendwise run my-run/run.yaml
  spendwise run my-run/run.yaml --set budget.iterations=3 --set sample.concurrency=128
  spendwise run my-run --set budget.caps.samples=200000       raise a cap and resume
  spendwise run my-run/run.yaml --dir /nfs/runs/my-run --database /var/tmp/spendwise    a shared disk without locks
  spendwise run my-run --extend cost=200000                   more of a run that has ended by its budget
  spendwise run my-run/run.yaml --checkpoint out/iter-0       continue with a checkpoint trained elsewhere
Ctrl-C once stores everything and stops; the same command resumes it. Twice stops at once.`

/** @param work what is done with the flags, whatever they are */
export function registerRun(program: Command, work = runWhole): void {
  program
    .command('run')
    .description('run or resume a run')
    .argument('<run>', RUN_ARGUMENT)
    .option('--set <key=value>', 'override a key of run.yaml (repeatable)', collect)
    .option('--dir <folder>', 'run folder (default: runs/NAME)')
    .option(
      '--database <folder>',
      'keep the database there, on a local disk, where the run folder has no working locks',
    )
    .option(
      '--extend <key=value>',
      'a larger budget for a run that has ended by it: iterations, total, cost, timeSeconds, caps.* (repeatable)',
      collect,
    )
    .option('--checkpoint <path|model>', 'the checkpoint that a waiting run waits for')
    .option('--allow-altered', 'train also on traces whose thinking was dropped (sample.reasoning: drop)')
    .option('--json', 'events as JSON lines on stdout')
    .option('--no-cache', 'draw again what earlier runs have drawn from the same weights')
    .option('--quiet', 'no progress')
    .addHelpText('after', HELP)
    .action((run: string, flags: RunFlags) => work({ run, flags, only: undefined }))
}

async function runWhole(command: RunCommand): Promise<void> {
  const { runCommand } = await import('./work.ts')
  await runCommand(command)
}
