/** `spendwise export`: accepted traces as a dataset file that trainers take. */

import { type Command, Option } from 'commander'
import { EXPORT_FORMATS, type ExportFormat } from '../export/formats.ts'
import { numberList, RUN_ARGUMENT, wholeNumber, writeResult } from './options.ts'

interface ExportFlags {
  readonly format: ExportFormat
  readonly out: string
  readonly iterations?: readonly number[]
  readonly maxPerProblem?: number
  readonly minLength?: number
  readonly maxLength?: number
}

const HELP = `
Examples:
  spendwise export my-run --format messages --out sft.jsonl
  spendwise export my-run --format prompt-completion --iterations 3-5 --max-per-problem 4 --out sft.jsonl
Without filters: every accepted trace of every iteration, the completions byte for byte. Only train problems are ever exported.`

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('write accepted traces as a fine-tuning dataset')
    .argument('<run>', RUN_ARGUMENT)
    .addOption(new Option('--format <name>', 'format of a line').choices(EXPORT_FORMATS).default('messages'))
    .requiredOption('--out <file>', 'file to write; appears when it is whole')
    .option('--iterations <list>', 'only these iterations, like 0,2,5-7', numberList)
    .option('--max-per-problem <count>', 'at most so many traces a problem, the earliest first', wholeNumber)
    .option('--min-length <characters>', 'shortest completion', wholeNumber)
    .option('--max-length <characters>', 'longest completion', wholeNumber)
    .addHelpText('after', HELP)
    .action(async (run: string, flags: ExportFlags) => {
      const { exportRun } = await import('../loop/export-run.ts')
      const { findStoredRun } = await import('../loop/find-run.ts')
      const written = exportRun(findStoredRun(run).directory, {
        format: flags.format,
        out: flags.out,
        iterations: flags.iterations,
        maxPerProblem: flags.maxPerProblem,
        minLength: flags.minLength,
        maxLength: flags.maxLength,
      })
      process.stderr.write(`${written.rows} traces written to ${written.path}, sha256 ${written.sha256}\n`)
      await writeResult(`${JSON.stringify(written)}\n`)
    })
}
