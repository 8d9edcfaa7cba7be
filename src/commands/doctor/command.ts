/** `spendwise doctor`: reaches everything once and says what to fix. */

import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { collect, writeResult } from '../options.ts'

interface DoctorFlags {
  readonly set?: readonly string[]
  readonly json?: boolean
  readonly bundle?: string
}

const HELP = `
Checks the configuration, the problems, three rendered prompts, three completions (text, end, verdict, speed), the served model,
the trainer's program, and the disk. Changes nothing, trains nothing. Exit code 0 when nothing has to be fixed, 3 when the server
or the trainer cannot be reached, 1 otherwise.

With --bundle it also gathers what a report of a fault needs into one file: versions, what the servers answer to its probes, the
configuration, the first errors and the ends of the logs. Keys, tokens and passwords are taken out, questions and completions are not
in it; addresses and paths are. Look it over before you send it.

  spendwise doctor run.yaml --bundle report.json`

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('reach everything once and say what to fix')
    .argument('<run>', 'run.yaml, or a run')
    .option('--set <key=value>', 'override a key of run.yaml (repeatable)', collect)
    .option('--json', 'the findings as JSON')
    .option('--bundle <file>', 'write one file to send with a report of a fault, without secrets')
    .addHelpText('after', HELP)
    .action(async (run: string, flags: DoctorFlags) => {
      const { examine, exitCodeOf } = await import('./doctor.ts')
      const { findRun } = await import('../../run/find-run.ts')
      const interrupt = interruptible()
      const found = findRun(run, { sets: flags.set ?? [] })
      const { signal } = interrupt
      const findings = await examine(found, process.cwd(), signal)
        .then(async (findings) => {
          if (flags.bundle !== undefined) {
            const { writeBundle } = await import('./bundle.ts')
            await writeBundle(flags.bundle, { found, findings, version: program.version() ?? '', signal })
            console.error(`${flags.bundle} is written; look it over before you send it.`)
          }
          return findings
        })
        .finally(interrupt.end)
      if (flags.json) await writeResult(`${JSON.stringify(findings, null, 2)}\n`)
      else {
        const { renderFindings } = await import('./text.ts')
        const { columnsOf, wantsColor } = await import('../options.ts')
        await writeResult(
          renderFindings(findings, { color: wantsColor(process.stdout), width: columnsOf(process.stdout) }),
        )
      }
      process.exitCode = exitCodeOf(findings)
    })
}
