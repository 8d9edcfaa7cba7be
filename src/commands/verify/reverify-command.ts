/** `spendwise reverify`: history under the present checker, nothing sampled again. */

import type { Command } from 'commander'
import { RUN_ARGUMENT, writeResult } from '../options.ts'
import type { ReverifyReport } from './reverify.ts'

const HELP = `
Old verdicts are kept as history in the run's database. What was accepted and trained on stays as it was: the report says
how much of it the present checker would refuse.`

export function registerReverify(program: Command): void {
  program
    .command('reverify')
    .description('verify a run again with the present checker and report what flips; samples nothing')
    .argument('<run>', RUN_ARGUMENT)
    .option('--dry-run', 'report the flips, keep the verdicts')
    .option('--json', 'the report as JSON')
    .addHelpText('after', HELP)
    .action(async (run: string, flags: { readonly dryRun?: boolean; readonly json?: boolean }) => {
      const { findStoredRun } = await import('../../run/find-run.ts')
      const { reverifyRun } = await import('./reverify.ts')
      const { config, configPath, directory } = findStoredRun(run)
      const interrupt = new AbortController()
      const stop = (): void => interrupt.abort(new Error('interrupted'))
      process.once('SIGINT', stop)
      try {
        const dryRun = flags.dryRun ?? false
        const onNote = (text: string): void => void process.stderr.write(`${text}\n`)
        const report = await reverifyRun({ config, configPath, directory, dryRun, onNote, signal: interrupt.signal })
        await writeResult(flags.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report))
      } finally {
        process.off('SIGINT', stop)
      }
    })
}

function renderReport(report: ReverifyReport): string {
  const flipped = report.flips.reduce((sum, { count }) => sum + count, 0)
  const verb = report.dryRun ? 'would be replaced' : 'replaced (the old ones are kept as history)'
  return [
    `verified ${report.verified}, flipped ${flipped}, verdicts ${verb}: ${report.replaced}`,
    ...report.flips.map(({ from, to, count }) => `  ${from} -> ${to}  ${count}`),
    ...(report.rules.length > 0 ? ['by rule:'] : []),
    ...report.rules.map(
      ({ from, fromRule, to, toRule, count }) => `  ${from} (${fromRule}) -> ${to} (${toRule})  ${count}`,
    ),
    `accepted traces that are no longer correct: ${report.acceptedNowWrong}`,
    `accepted traces that only repeat a formula of their question: ${report.acceptedRestated}`,
    ...(report.acceptedTooLong > 0 ? [`accepted traces longer than accept.maxTokens: ${report.acceptedTooLong}`] : []),
    `traces that are correct now and were not: ${report.nowCorrect}`,
    ...report.examples.map(
      (flip) =>
        `  ${flip.purpose} ${flip.iteration} ${flip.problem} #${flip.index}: ${flip.from} (${flip.fromRule}) -> ${flip.to} (${flip.toRule}), gold ${shown(flip.gold)}, answer ${shown(flip.extracted ?? '')}`,
    ),
    '',
  ].join('\n')
}

/** Model text on one line, without escape sequences for the terminal. */
function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
