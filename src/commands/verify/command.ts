/** `spendwise verify`: one pair explained, or a file of pairs. Its work is loaded only when it runs. */

import { type Command, Option } from 'commander'
import { ConfigError } from '../../core/errors.ts'
import type { Policies } from '../../verify/policy.ts'
import { writeResult } from '../options.ts'

interface VerifyFlags {
  readonly pairs?: string
  readonly out?: string
  readonly json?: boolean
  readonly audit?: string
  readonly labels?: string
  readonly rows?: string
  readonly judgeCheck?: string
  readonly run?: string
  readonly sample: string
  readonly seed: string
  readonly percent: Policies['percent']
  readonly rounding: Policies['rounding']
  readonly order: Policies['order']
  readonly extra: Policies['extra']
  readonly units: Policies['units']
  readonly parts: Policies['parts']
  readonly threads?: string
}

const HELP = `
Write -- before answers that start with a minus: spendwise verify -- -5 "the answer is -5"
FILE has one {"id", "gold", "pred"} a line; each gives one {"id", "verdict", "rule", "extracted", "ms"}, in the same order.
Only "correct" means equal; the exit code is 0 whatever the verdicts are.
A judge (verify.judge) on labelled answers: spendwise verify --judge-check labelled.jsonl --run run.yaml`

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('check an answer against a gold answer, or a file of pairs')
    .argument('[gold]', 'gold answer, or a reference solution that ends with it')
    .argument('[answer]', 'an answer, or a whole completion')
    .option('--pairs <file>', 'JSON lines {id, gold, pred}')
    .option('--out <file>', 'where the verdicts of --pairs go (default: stdout)')
    .option('--json', 'print the explanation of one pair as JSON')
    .option('--audit <run>', 'write an HTML page with completions of a run to be judged blind')
    .option(
      '--labels <file>',
      'with --audit: store the labels that the page gave, and print the share of wrong accepted traces',
    )
    .option('--rows <file>', 'with --audit: write every labelled trace as a pair for --pairs')
    .option('--judge-check <file>', 'measure a judge on labelled answers, JSON lines {question, gold, pred, equal}')
    .option('--run <run>', 'with --judge-check: the run.yaml or run whose verify.judge is meant')
    .option('--sample <count>', 'with --audit: completions to draw', '500')
    .option('--seed <number>', 'with --audit: seed of the draw', '1')
    .addOption(policy('percent', 'what 50% equals: 1/2 and 50, only 1/2, or only 50', ['either', 'hundredth', 'drop']))
    .addOption(policy('rounding', 'which side may be a rounded decimal', ['either', 'gold', 'none']))
    .addOption(policy('order', 'whether lists without brackets may come in any order', ['free', 'strict']))
    .addOption(policy('extra', 'answers beyond those of the gold list', ['reject', 'allow']))
    .addOption(policy('units', 'whether a unit may be missing on one side', ['optional', 'required']))
    .addOption(
      policy('parts', 'of several boxes far apart: the last, or all as the parts of one list', ['last', 'all']),
    )
    .option('--threads <count>', 'verifier threads for --pairs (default: cores - 1)')
    .addHelpText('after', HELP)
    .action(async (gold: string | undefined, answer: string | undefined, flags: VerifyFlags) => {
      const { percent, rounding, order, extra, units, parts } = flags
      const policies: Policies = { percent, rounding, order, extra, units, parts }
      const single = gold !== undefined || answer !== undefined
      if (single && (flags.pairs !== undefined || flags.audit !== undefined)) {
        throw new ConfigError('verify takes either --pairs FILE or GOLD ANSWER (or --audit RUN), not both.')
      }
      if (flags.judgeCheck !== undefined) {
        if (flags.run === undefined)
          throw new ConfigError('--judge-check needs --run RUN.yaml, whose verify.judge is to be measured.')
        const { checkJudge, judgeCheckInWords } = await import('./judge-check.ts')
        const result = await checkJudge(flags.judgeCheck, flags.run, new AbortController().signal, sayJudged)
        await writeResult(flags.json ? `${JSON.stringify(result, null, 2)}\n` : judgeCheckInWords(result))
        return
      }
      if (flags.audit !== undefined) {
        const { auditCommand } = await import('./audit-command.ts')
        await auditCommand({
          run: flags.audit,
          labels: flags.labels,
          sample: flags.sample,
          seed: flags.seed,
          out: flags.out,
          rows: flags.rows,
        })
        return
      }
      if (flags.pairs !== undefined) {
        const { verifyPairs } = await import('./pairs.ts')
        const threads = flags.threads === undefined ? undefined : threadCount(flags.threads)
        await verifyPairs({ file: flags.pairs, out: flags.out, policies, threads })
        return
      }
      if (gold === undefined || answer === undefined) {
        throw new ConfigError('verify needs GOLD and ANSWER, or --pairs FILE; see spendwise verify --help.')
      }
      const { verifyOne } = await import('./one.ts')
      await writeResult(verifyOne(gold, answer, { policies, json: flags.json ?? false }))
    })
}

/** A line that is written over, on a terminal alone. */
function sayJudged(done: number, of: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\rjudged ${done} of ${of}${done === of ? '\n' : ''}`)
}

/** One of the policies of docs/verifier.md; the first choice is the default. */
function policy(name: keyof Policies, description: string, choices: readonly string[]): Option {
  return new Option(`--${name} <policy>`, description).choices(choices).default(choices[0])
}

function threadCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 256) {
    throw new ConfigError(`--threads ${text}: give a whole number from 1 to 256.`)
  }
  return count
}
