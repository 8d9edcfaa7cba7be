/** The work behind `run`, `quickstart` and the single phases: events to the terminal, Ctrl-C to a signal, an end to an exit code. */

import { relative } from 'node:path'
import type { Emit, RunEvent } from '../../core/events.ts'
import type { RunEnd } from '../../loop/ending.ts'
import { extendRun } from '../../loop/extend.ts'
import { runLoop } from '../../loop/loop.ts'
import type { Phase } from '../../loop/phase.ts'
import { findRun } from '../../run/find-run.ts'
import { interruptible } from '../interrupt.ts'
import { wantsColor, withDatabase, writeResult } from '../options.ts'

export interface RunFlags {
  readonly set?: readonly string[]
  readonly dir?: string
  readonly database?: string
  readonly checkpoint?: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly cache?: boolean
  readonly allowAltered?: boolean
  readonly extend?: readonly string[]
}

export interface RunCommand {
  readonly run: string
  /** What to type to continue, for messages, where it is not `run`. */
  readonly command?: string
  readonly flags: RunFlags
  /** One phase alone. */
  readonly only: Phase | undefined
  /** Where the report is comes later, in other words. */
  readonly isReportSaid?: boolean
  /** A pilot of so many samples instead of the run. */
  readonly pilot?: number | undefined
}

/** @throws SpendwiseError */
export async function runCommand({ run, command, flags, only, pilot, isReportSaid }: RunCommand): Promise<RunEnd> {
  const find = () => findRun(run, { sets: withDatabase(flags.set, flags.database), directory: flags.dir })
  if (flags.extend) extendRun(find(), flags.extend, run)
  const found = find()
  const interrupt = interruptible()
  const output = await createOutput(flags)
  try {
    const { checkpoint } = flags
    const goesOn = command ?? commandToGoOn(run, found.directory, flags)
    const { emit } = output
    const { signal } = interrupt
    const end = await runLoop({
      ...found,
      checkpoint,
      command: goesOn,
      only,
      pilot,
      cache: flags.cache,
      allowAltered: flags.allowAltered,
      emit: isReportSaid && !flags.json ? (event) => emit(withoutReport(event)) : emit,
      signal,
    })
    // What a waiting run waits for is no progress.
    if (flags.quiet && end.reason !== null) process.stderr.write(`${end.reason}\n`)
    return end
  } finally {
    await output.end()
    interrupt.end()
  }
}

/** With flags that run.yaml does not know, the folder is the name that holds them. */
function commandToGoOn(run: string, directory: string, flags: RunFlags): string {
  const isPlain = flags.dir === undefined && flags.set === undefined && flags.database === undefined
  const name = isPlain ? run : relative(process.cwd(), directory) || '.'
  return `spendwise run ${/^[\w./-]+$/.test(name) ? name : JSON.stringify(name)}`
}

async function createOutput(flags: RunFlags): Promise<{ readonly emit: Emit; end(): Promise<void> }> {
  if (flags.json) {
    let written: Promise<unknown> = Promise.resolve()
    const emit: Emit = (event) => {
      written = written.then(() => writeResult(`${JSON.stringify(event)}\n`))
      // It waits for its turn in `end`: lines that nobody gets are no reason to stop the work.
      written.catch(() => undefined)
    }
    return { emit, end: async () => void (await written) }
  }
  if (flags.quiet) return { emit: () => undefined, end: async () => undefined }
  const { createProgress } = await import('../../report/terminal/progress.ts')
  const progress = createProgress({
    stream: process.stderr,
    color: wantsColor(process.stderr),
    interactive: process.stderr.isTTY === true,
    now: () => performance.now(),
  })
  return { emit: (event) => progress.handle(withoutSaidReason(event)), end: async () => progress.end() }
}

function withoutReport(event: RunEvent): RunEvent {
  return event.kind === 'run-ended' ? { ...event, report: null } : event
}

/** States in which the command ends with an error, whose sentence says the reason. */
const ENDS_WITH_ERROR: ReadonlySet<string> = new Set(['failed', 'capped', 'interrupted'])

/** People read the reason once. */
function withoutSaidReason(event: RunEvent): RunEvent {
  return event.kind === 'run-ended' && ENDS_WITH_ERROR.has(event.state) ? { ...event, reason: null } : event
}
