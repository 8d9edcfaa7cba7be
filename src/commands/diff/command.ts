/** `spendwise diff`: two checkpoints, problem by problem. */

import { type Command, Option } from 'commander'
import { columnsOf, wantsColor, wholeNumber, writeResult } from '../options.ts'

interface DiffFlags {
  readonly purpose?: 'greedy' | 'evaluate' | 'gate'
  readonly limit: number
  readonly json?: boolean
}

const HELP = `
Examples:
  spendwise diff my-run@base my-run@3       what three iterations gained and lost
  spendwise diff my-run my-fork             the last measured checkpoints of two runs
  spendwise diff my-run@1 my-run@3 --json
A problem is solved when more than half of its samples are correct. The p-value is McNemar's, exact and two-sided.
--json: {gained, lost, table: [[both, only A], [only B, neither]], p, rows: [{problem, a, b}], ...}.`

export function registerDiff(program: Command): void {
  program
    .command('diff')
    .description('compare two checkpoints or runs problem by problem: gained, lost, and whether that is chance')
    .argument('<a>', 'RUN, RUN@ITERATION or RUN@base; without an iteration, the last measured checkpoint')
    .argument('<b>', 'the same')
    .addOption(
      new Option(
        '--purpose <kind>',
        'answers to compare (default: greedy where both have them, else evaluate)',
      ).choices(['greedy', 'evaluate', 'gate']),
    )
    .option('--limit <count>', 'most problems to list', wholeNumber, 20)
    .option('--json', 'everything as JSON')
    .addHelpText('after', HELP)
    .action(async (a: string, b: string, flags: DiffFlags) => {
      const { diffCheckpoints, findCheckpoint } = await import('../../run/diff.ts')
      const { purpose } = flags
      const diff = diffCheckpoints(findCheckpoint(a, purpose), findCheckpoint(b, purpose), purpose)
      if (flags.json) {
        await writeResult(`${JSON.stringify(diff, null, 2)}\n`)
        return
      }
      const { renderDiff } = await import('../../report/terminal/diff.ts')
      const style = { color: wantsColor(process.stdout), width: columnsOf(process.stdout) }
      await writeResult(`${renderDiff(diff, flags.limit, style)}\n`)
    })
}
