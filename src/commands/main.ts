/** The command line: one file a command, loaded when it runs, so that `--help` costs nothing. */

import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { EXIT, SpendwiseError } from '../core/errors.ts'
import { clip, visible } from '../report/visible.ts'
import { registerCompare } from './compare/command.ts'
import { registerDiff } from './diff/command.ts'
import { registerDoctor } from './doctor/command.ts'
import { registerExport } from './export/command.ts'
import { registerFork } from './fork/command.ts'
import { registerRollback } from './fork/rollback.ts'
import { registerImportCompletions } from './import/command.ts'
import { registerInit } from './init/command.ts'
import { registerPlan } from './plan/command.ts'
import { registerProblems } from './problems/command.ts'
import { registerReport } from './read/report.ts'
import { registerStatus } from './read/status.ts'
import { registerTraces } from './read/traces.ts'
import { registerRun } from './run/command.ts'
import { registerPhases } from './run/phases.ts'
import { registerQuickstart } from './run/quickstart.ts'
import { registerSimulate } from './simulate/command.ts'
import { registerVerify } from './verify/command.ts'
import { registerReverify } from './verify/reverify-command.ts'
import { registerView } from './view/command.ts'

const HELP = `
Examples:
  spendwise quickstart                       a whole run on the embedded toy model, a few minutes, no GPU
  spendwise init my-run                      asks for model, server, GPUs and data, and writes a run.yaml
  spendwise doctor my-run/run.yaml           reach everything once and say what to fix
  spendwise plan my-run/run.yaml             what it will ask for and cost; does nothing
  spendwise run my-run/run.yaml              run, or resume after any stop
  spendwise status my-run                    where it stands
  spendwise view my-run --open                read it in the browser, live
  spendwise traces my-run --verdict incorrect --sample 5
  spendwise export my-run --format messages --out sft.jsonl

Exit codes: 0 done, 1 the run failed, 2 bad usage or config, 3 server or trainer unreachable, 4 budget cap reached,
130 interrupted (the same command resumes).`

/** Parses and runs; never throws, sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram()
  surviveLostReaders()
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.exitCode = explain(error, program.opts<{ debug?: boolean }>().debug ?? false)
  }
}

/** Every command with its flags; what each does is loaded when it runs. */
export function createProgram(): Command {
  const program = new Command('spendwise')
    .description('Self-improvement of a mathematical reasoning model from verified samples, under one budget.')
    .version(packageVersion(), '-V, --version')
    .option('--debug', 'show stacks with errors')
    .addHelpText('after', HELP)
    .configureOutput({ outputError: (text, write) => write(usageError(text)) })
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
  const commands = [
    registerInit,
    registerDoctor,
    registerPlan,
    registerRun,
    registerQuickstart,
    registerStatus,
    registerView,
    registerFork,
    registerRollback,
    registerTraces,
    registerDiff,
    registerPhases,
    registerVerify,
    registerReverify,
    registerProblems,
    registerImportCompletions,
    registerExport,
    registerReport,
    registerSimulate,
    registerCompare,
  ]
  for (const register of commands) register(program)
  for (const command of program.commands) command.exitOverride()
  return program
}

/** commander's message on one line; it puts its "Did you mean" on a second one. */
function usageError(text: string): string {
  const message = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
  return `spendwise: ${message} (--help tells the usage)\n`
}

/**
 * A stream whose reader has gone (`| head`) reports it as an event as well, and an event without a listener ends the process.
 * Whoever writes a result learns of it from the write itself.
 */
function surviveLostReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}

/** Characters of an error that are shown. */
const LONGEST_ERROR = 8_000

/** Says what went wrong on stderr and gives the exit code. */
function explain(error: unknown, debug: boolean): number {
  // commander has already printed its own message; asking for help or the version is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  const known = error instanceof SpendwiseError
  if (!debug && isFileError(error)) {
    process.stderr.write(
      `${error.path} cannot be used (${error.message.replace(/ '.*$/s, '')}); name another place, or fix its permissions.\n`,
    )
    return EXIT.usage
  }
  const text = debug || !known ? (error instanceof Error ? error.stack : String(error)) : error.message
  // Errors quote servers, trainers and files: what they say is shown, never obeyed by the terminal.
  const shown = visible(clip(text ?? '', LONGEST_ERROR))
  process.stderr.write(`${known && !debug ? '' : 'spendwise: unexpected error\n'}${shown}\n`)
  return known ? error.exitCode : EXIT.failed
}

/** What a path of the user's own can be: not there, no directory, read-only, forbidden, too long. Anything else is a bug of ours. */
const PATH_FAULTS = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ELOOP']

function isFileError(error: unknown): error is Error & { readonly path: string } {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return false
  return typeof error.path === 'string' && PATH_FAULTS.includes(String(error.code))
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
