/** `spendwise export`: traces as a dataset that trainers take, in a file or in a folder with its card. */

import { type Command, InvalidArgumentError, Option } from 'commander'
import { BALANCES, DUPLICATES, ORIGINS, SCOPES } from '../../core/export.ts'
import { LABELS } from '../../core/label.ts'
import { EXPORT_FORMATS } from '../../export/formats.ts'
import { collect, numberList, RUN_ARGUMENT, wholeNumber } from '../options.ts'
import type { ExportFlags } from './work.ts'

const HELP = `
Examples:
  spendwise export my-run --format messages --out sft.jsonl
  spendwise export my-run --format prompt-completion --iterations 3-5 --max-per-problem 4 --out sft.jsonl
  spendwise export my-run --format dpo --max-solve-rate 0.5 --out pairs.parquet
  spendwise export my-run --deduplicate near --decontaminate gsm8k=data/gsm8k/test.jsonl --out my-dataset/
  spendwise export my-run --out my-dataset/ --container parquet --push me/my-traces
  spendwise export my-run --format grpo-verl --min-solve-rate 0.1 --max-solve-rate 0.9 --out problems.parquet
  spendwise export my-run --exclude-labelled wrong --out sft.jsonl
  spendwise export my-run --dry-run
Without filters: every accepted trace of every iteration, the completions byte for byte. Only train problems are ever exported.
--out FILE is one file; its ending (.parquet, .gz) says what it is. --out DIR/ is a dataset: data, manifest.json, a card, and
what LLaMA-Factory and axolotl want to be told. Filters may stand in run.yaml under export; options go before them.
grpo-trl, grpo-verl and grpo-nemo hold the train problems with golds and solve rates, for trainers that sample for themselves.
--decontaminate takes gate, evaluate, a file with a column question or problem, or DATASET=PATH as problems import reads it.`

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('write accepted traces as a fine-tuning dataset')
    .argument('<run>', RUN_ARGUMENT)
    .addOption(new Option('--format <name>', 'format of a row').choices(EXPORT_FORMATS).default('messages'))
    .option('--out <path>', 'file to write, or DIR/ for a dataset folder; appears when it is whole')
    .option('--allow-altered', 'take also traces whose thinking was dropped (sample.reasoning: drop)')
    .option('--dry-run', 'write nothing; say what would go in, with lengths, levels and duplicates')
    .option('--json', 'print what --dry-run counts as JSON')
    .addOption(new Option('--container <name>', 'kind of the files of a folder').choices(['jsonl', 'parquet']))
    .addOption(new Option('--compress <name>', 'compression of the files').choices(['none', 'gzip', 'zstd']))
    .option('--shard-rows <count>', 'most rows of a file in a folder', positive)
    .option('--name <name>', 'name of the dataset of a folder (default: that of the run)')
    .option('--license, --licence <id>', 'its licence, like cc-by-4.0 (default: that of the problems)')
    .option('--push <repo>', 'put the folder on the Hugging Face Hub as the dataset OWNER/NAME (needs HF_TOKEN)')
    .option('--public', 'let everyone read a dataset that --push makes again (default: private)')
    .option('--iterations <list>', 'only these iterations, like 0,2,5-7', numberList)
    .addOption(new Option('--origin <kind>', 'only traces drawn without a hint, or with one').choices(ORIGINS))
    .option('--rule, --rules <names>', 'only traces that these rules of the checker decided, with commas', names)
    .option('--min-length <characters>', 'shortest completion', wholeNumber)
    .option('--max-length <characters>', 'longest completion', wholeNumber)
    .option('--min-tokens <count>', 'shortest completion', wholeNumber)
    .option('--max-tokens <count>', 'longest completion', wholeNumber)
    .option('--min-solve-rate <share>', 'least share of correct completions of a problem', share)
    .option('--max-solve-rate <share>', 'largest share; 0.5 keeps the hard problems', share)
    .addOption(new Option('--exclude-labelled <labels...>', 'leave out traces that people labelled so').choices(LABELS))
    .option('--max-per-problem <count>', 'at most so many traces a problem, the earliest first', wholeNumber)
    .addOption(new Option('--deduplicate <what>', 'drop traces that repeat an earlier one').choices(DUPLICATES))
    .addOption(new Option('--within <scope>', 'where repetitions are looked for').choices(SCOPES))
    .option('--similarity <share>', 'common runs of three words that make a near duplicate', openShare)
    .addOption(new Option('--balance <what>', 'draw in equal numbers of each').choices(BALANCES))
    .option('--rows <count>', 'draw so many traces', positive)
    .option('--seed <number>', "of the draw (default: the run's)", wholeNumber)
    .option('--decontaminate <set>', 'drop traces that share words with this test set (repeatable)', collect)
    .option('--ngram <words>', 'words in a row that count as shared', positive)
    .option('--hits <file>', 'write every such overlap to this file')
    .addHelpText('after', HELP)
    .action(async (run: string, flags: ExportFlags) => {
      const { runExport } = await import('./work.ts')
      await runExport(run, flags)
    })
}

function names(value: string): string[] {
  const list = value.split(',').map((name) => name.trim())
  if (list.includes('')) throw new InvalidArgumentError('Give names of rules, like number,text.')
  return list
}

function positive(value: string): number {
  const number = wholeNumber(value)
  if (number === 0) throw new InvalidArgumentError('Give a whole number of at least 1.')
  return number
}

function share(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || !(number >= 0 && number <= 1)) throw new InvalidArgumentError('Give a number from 0 to 1.')
  return number
}

function openShare(value: string): number {
  const number = share(value)
  if (number === 0 || number === 1) throw new InvalidArgumentError('Give a number between 0 and 1, like 0.8.')
  return number
}
