/** `spendwise import-completions`: completions that were generated elsewhere, verified and kept next to a run. */

import type { Command } from 'commander'
import { writeResult } from '../options.ts'

interface ImportFlags {
  readonly strict?: boolean
  readonly json?: boolean
}

const HELP = `
Examples:
  spendwise import-completions my-run batch-output.jsonl
  spendwise import-completions my-run/run.yaml published.jsonl --strict
  spendwise export my-run --origin external --format messages --out sft.jsonl
Each line is {"problem", "completion", "finish_reason"?, "token_ids"?}: problem is the id of a train problem of the run, or its question as it
stands there. They are judged by the run's checker and acceptance rules, count in no iteration and cost nothing. The same line
counts once, whenever it is imported. Rows that cannot be used are listed; --strict refuses the file instead.`

export function registerImportCompletions(program: Command): void {
  program
    .command('import-completions')
    .description('verify and keep completions that were generated elsewhere')
    .argument('<names...>', '[RUN] FILE.jsonl; without a run the only one under runs/')
    .option('--strict', 'import nothing where a row cannot be used')
    .option('--json', 'print what came of it as JSON')
    .addHelpText('after', HELP)
    .action(async (names: readonly string[], flags: ImportFlags) => {
      const { importInto, importInWords, namesOf } = await import('./work.ts')
      const { run, file } = namesOf(names)
      const report = await importInto(run, file, { strict: flags.strict ?? false })
      const { left, ...counts } = report
      for (const { place, reason } of left) process.stderr.write(`  ${place}  ${reason}; left out.\n`)
      await writeResult(flags.json ? `${JSON.stringify({ ...counts, left })}\n` : `${importInWords(report)}\n`)
    })
}
