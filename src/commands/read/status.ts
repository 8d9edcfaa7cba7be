/** `spendwise status`: where a run stands, once or as it goes; without a run, all of them. */

import type { Command } from 'commander'
import { columnsOf, RUN_ARGUMENT, wantsColor, writeResult } from '../options.ts'

interface StatusFlags {
  readonly json?: boolean
  readonly watch?: boolean
}

const HELP = `
Examples:
  spendwise status                 all runs under runs/, a line each
  spendwise status my-run          one run: iterations, cost, accuracy
  spendwise status my-run --watch  the same as it goes, until the run ends`

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('where a run stands: iterations, cost, accuracy; without a run, all runs')
    .argument('[run]', `${RUN_ARGUMENT} (default: all runs under runs/)`)
    .option('--watch', 'show it again as it changes, until the run ends')
    .option('--json', 'the same as JSON')
    .addHelpText('after', HELP)
    .action(async (run: string | undefined, flags: StatusFlags) => {
      if (run === undefined) return listRuns(flags)
      const { findStoredRun } = await import('../../run/find-run.ts')
      const { readStatus } = await import('../../run/status.ts')
      const { directory } = findStoredRun(run)
      if (flags.watch) {
        const { watchStatus } = await import('./watch.ts')
        return watchStatus(directory, flags.json ?? false)
      }
      const status = readStatus(directory)
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

/** @throws ConfigError where there is none, or --watch was given, which needs one */
async function listRuns({ json, watch }: StatusFlags): Promise<void> {
  const { ConfigError } = await import('../../core/errors.ts')
  const { runInBrief, runsIn } = await import('../../run/list-runs.ts')
  if (watch) throw new ConfigError('--watch needs a run; name one: spendwise status RUN --watch')
  const runs = runsIn('runs').map(({ directory }) => runInBrief(directory))
  if (json) {
    await writeResult(`${JSON.stringify(runs, null, 2)}\n`)
    return
  }
  if (runs.length === 0)
    throw new ConfigError('There are no runs under runs/; name a run folder, or make one: spendwise quickstart')
  const { renderRuns } = await import('../../report/terminal/runs.ts')
  const style = { color: wantsColor(process.stdout), width: columnsOf(process.stdout) }
  await writeResult(`${renderRuns(runs, style)}\n`)
}
