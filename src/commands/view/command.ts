/** `spendwise view`: read runs in the browser. */

import { type Command, InvalidArgumentError } from 'commander'
import { RUN_ARGUMENT, wholeNumber, writeResult } from '../options.ts'
import type { ViewFlags } from './work.ts'

const HELP = `
Examples:
  spendwise view                       all runs under runs/
  spendwise view my-run --open         one run, in the browser at once
  spendwise view my-run --port 8080    over SSH: ssh -L 8080:localhost:8080 MACHINE, then http://localhost:8080
  spendwise view --host 0.0.0.0        for other machines; the address that is printed holds the token they need
It shows what is there while a run continues, and changes nothing but labels. Ctrl-C stops it.`

export function registerView(program: Command): void {
  program
    .command('view')
    .description(
      'read runs in the browser: live progress, traces with the reason of each verdict, problems, diff, audit',
    )
    .argument('[run]', `${RUN_ARGUMENT} (default: all runs under runs/)`)
    .option('--port <number>', 'port to listen on; 0 takes any that is free', port, 4860)
    .option('--host <name>', 'address to listen on; beyond loopback a token is needed', '127.0.0.1')
    .option('--open', 'open the browser')
    .addHelpText('after', HELP)
    .action(async (run: string | undefined, flags: ViewFlags) => {
      const { viewRuns } = await import('./work.ts')
      await viewRuns(run, flags, (line) => writeResult(line))
    })
}

function port(value: string): number {
  const number = wholeNumber(value)
  if (number > 65_535) throw new InvalidArgumentError('Give a port from 0 to 65535.')
  return number
}
