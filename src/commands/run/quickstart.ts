/** `spendwise quickstart`, which is `npm start`: the whole loop on the toy model that comes with spendwise. */

import type { Command } from 'commander'
import { collect } from '../options.ts'
import type { QuickstartFlags } from './quickstart-work.ts'

const HELP = `
Examples:
  npm start                                  a minute or two on two cores
  npm start -- --quick                       fewer and smaller iterations, half of that
  npm start -- --fresh                       start over
  npm start -- --fresh --seed 7              another seed
  npm start -- --no-verify                   the control: accept every completion, and watch the accuracy fall
The embedded model is a toy: it speaks nothing but its own arithmetic templates.`

export function registerQuickstart(program: Command): void {
  program
    .command('quickstart')
    .description('a whole run on the embedded toy model: no GPU, no download')
    .option('--fresh', 'remove the folder of an earlier quickstart and start over')
    .option('--quick', 'a smaller run')
    .option('--no-verify', 'control run: accept every finished completion, right or wrong')
    .option('--seed <number>', 'seed of the run (default: 1)')
    .option('--dir <folder>', 'run folder (default: runs/quickstart)')
    .option('--set <key=value>', 'override a key of the preset (repeatable)', collect)
    .option('--json', 'events as JSON lines on stdout')
    .option('--quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (flags: QuickstartFlags) => {
      const { quickstart } = await import('./quickstart-work.ts')
      await quickstart(flags)
    })
}
