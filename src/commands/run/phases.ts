/** `spendwise sample | train | evaluate`: one phase of a run alone, for people who schedule the phases themselves. */

import type { Command } from 'commander'
import type { Phase } from '../../loop/phase.ts'
import { collect, RUN_ARGUMENT } from '../options.ts'
import type { RunFlags } from './work.ts'

const PHASES: Readonly<Record<Phase, string>> = {
  sample: 'sample and verify the current iteration, then stop',
  train: 'train on the current iteration and hand the checkpoint over, then stop',
  evaluate: 'measure the base or the current checkpoint, then stop',
}

export function registerPhases(program: Command): void {
  for (const [phase, description] of Object.entries(PHASES) as [Phase, string][]) {
    program
      .command(phase)
      .description(description)
      .argument('<run>', RUN_ARGUMENT)
      .option('--set <key=value>', 'override a key of run.yaml (repeatable)', collect)
      .option('--dir <folder>', 'run folder (default: runs/NAME)')
      .option('--json', 'events as JSON lines on stdout')
      .option('--no-cache', 'draw again what earlier runs have drawn from the same weights')
      .option('--quiet', 'no progress')
      .action(async (run: string, flags: RunFlags) => {
        const { runCommand } = await import('./work.ts')
        await runCommand({ run, flags, only: phase })
      })
  }
}
