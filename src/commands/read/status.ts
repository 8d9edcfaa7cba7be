/** `spendwise status`: where a run stands. */

import type { Command } from 'commander'
import { columnsOf, RUN_ARGUMENT, wantsColor, writeResult } from '../options.ts'

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('where a run stands: iterations, cost, accuracy')
    .argument('<run>', RUN_ARGUMENT)
    .option('--json', 'the same as JSON')
    .action(async (run: string, flags: { readonly json?: boolean }) => {
      const { findStoredRun } = await import('../../run/find-run.ts')
      const { readStatus } = await import('../../run/status.ts')
      const status = readStatus(findStoredRun(run).directory)
      if (flags.json) {
        await writeResult(`${JSON.stringify(status, null, 2)}\n`)
        return
      }
      const { renderStatus } = await import('../../report/terminal/status.ts')
      await writeResult(
        `${renderStatus(status, { color: wantsColor(process.stdout), width: columnsOf(process.stdout) })}\n`,
      )
    })
}
