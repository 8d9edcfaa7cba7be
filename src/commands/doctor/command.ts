/** `spendwise doctor`: reaches everything once and says what to mend. */

import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { collect, writeResult } from '../options.ts'

interface DoctorFlags {
  readonly set?: readonly string[]
  readonly json?: boolean
}

const HELP = `
Checks the configuration, the problems, three rendered prompts, three completions (text, end, verdict, speed), the served model,
the trainer's program, and the disk. Changes nothing, trains nothing. Exit code 0 when nothing has to be mended, 3 when the server
or the trainer cannot be reached, 1 otherwise.`

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('reach everything once and say what to mend')
    .argument('<run>', 'run.yaml, or a run')
    .option('--set <key=value>', 'override a key of run.yaml (repeatable)', collect)
    .option('--json', 'the findings as JSON')
    .addHelpText('after', HELP)
    .action(async (run: string, flags: DoctorFlags) => {
      const { examine, exitCodeOf } = await import('./doctor.ts')
      const { findRun } = await import('../../run/find-run.ts')
      const interrupt = interruptible()
      const found = findRun(run, { sets: flags.set ?? [] })
      const findings = await examine(found, process.cwd(), interrupt.signal).finally(interrupt.end)
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
