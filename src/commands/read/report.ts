/** `spendwise report`: one self-contained HTML file. */

import type { Command } from 'commander'
import { RUN_ARGUMENT, writeResult } from '../options.ts'

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('write the report of a run: one HTML file with everything in it')
    .argument('<run>', RUN_ARGUMENT)
    .option('--out <file>', 'where to write it (default: report.html in the run folder)')
    .action(async (run: string, flags: { readonly out?: string }) => {
      const { findStoredRun } = await import('../../run/find-run.ts')
      const { reportOnRun } = await import('../../run/report/report.ts')
      await writeResult(`${await reportOnRun(findStoredRun(run).directory, flags.out)}\n`)
    })
}
