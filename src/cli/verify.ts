/** `spendwise verify`: one pair explained, or a file of pairs. Its work is loaded only when it runs. */

import { type Command, Option } from 'commander'
import { ConfigError } from '../core/errors.ts'
import { writeResult } from './options.ts'

interface VerifyFlags {
  readonly pairs?: string
  readonly out?: string
  readonly json?: boolean
  readonly percent: 'either' | 'hundredth' | 'drop'
  readonly threads?: string
}

const HELP = `
Write -- before answers that start with a minus: spendwise verify -- -5 "the answer is -5"
FILE has one {"id", "gold", "pred"} a line; each gives one {"id", "verdict", "rule", "extracted", "ms"}, in the same order.
Only "correct" means equal; the exit code is 0 whatever the verdicts are.`

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('check an answer against a gold answer, or a file of pairs')
    .argument('[gold]', 'gold answer, or a reference solution that ends with it')
    .argument('[answer]', 'an answer, or a whole completion')
    .option('--pairs <file>', 'JSON lines {id, gold, pred}')
    .option('--out <file>', 'where the verdicts of --pairs go (default: stdout)')
    .option('--json', 'print the explanation of one pair as JSON')
    .addOption(
      new Option('--percent <policy>', 'what 50% equals: either 1/2 or 50, only 1/2, or only 50')
        .choices(['either', 'hundredth', 'drop'])
        .default('either'),
    )
    .option('--threads <count>', 'verifier threads for --pairs (default: cores - 1)')
    .addHelpText('after', HELP)
    .action(async (gold: string | undefined, answer: string | undefined, flags: VerifyFlags) => {
      if (flags.pairs !== undefined) {
        if (gold !== undefined) throw new ConfigError('verify takes either --pairs FILE or GOLD ANSWER, not both.')
        const { verifyPairs } = await import('./verify-pairs.ts')
        await verifyPairs({
          file: flags.pairs,
          out: flags.out,
          percent: flags.percent,
          threads: flags.threads === undefined ? undefined : threadCount(flags.threads),
        })
        return
      }
      if (gold === undefined || answer === undefined) {
        throw new ConfigError('verify needs GOLD and ANSWER, or --pairs FILE; see spendwise verify --help.')
      }
      const { verifyOne } = await import('./verify-one.ts')
      await writeResult(verifyOne(gold, answer, { percent: flags.percent, json: flags.json ?? false }))
    })
}

function threadCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 256) {
    throw new ConfigError(`--threads ${text}: give a whole number from 1 to 256.`)
  }
  return count
}
