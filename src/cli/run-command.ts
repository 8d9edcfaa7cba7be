/** The work behind `run`, `quickstart` and the single phases: events to the terminal, Ctrl-C to a signal, an end to an exit code. */

import { Interrupted } from '../core/errors.ts'
import type { Emit } from '../core/events.ts'
import { findRun } from '../loop/find-run.ts'
import { type Phase, type RunEnd, runLoop } from '../loop/run.ts'
import { createProgress } from '../report/progress.ts'
import { wantsColor, writeResult } from './options.ts'
import type { RunFlags } from './run.ts'

export interface RunCommand {
  readonly run: string
  /** What to type to go on, for messages. */
  readonly command: string
  readonly flags: RunFlags
  /** One phase alone. */
  readonly only: Phase | undefined
}

/** @throws SpendwiseError */
export async function runCommand({ run, command, flags, only }: RunCommand): Promise<RunEnd> {
  const found = findRun(run, { sets: flags.set ?? [], directory: flags.dir })
  const interrupt = interruptible()
  const output = createOutput(flags)
  try {
    const { checkpoint } = flags
    return await runLoop({ ...found, checkpoint, command, only, emit: output.emit, signal: interrupt.signal })
  } finally {
    await output.end()
    interrupt.end()
  }
}

/** Ctrl-C once aborts the signal, so that everything is stored; a second one ends the process at once. */
function interruptible(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130)
    process.stderr.write('\nStopping; press Ctrl-C again to stop at once.\n')
    controller.abort(new Interrupted())
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return {
    signal: controller.signal,
    end() {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
    },
  }
}

function createOutput(flags: RunFlags): { readonly emit: Emit; end(): Promise<void> } {
  if (flags.json) {
    let written = Promise.resolve()
    const emit: Emit = (event) => {
      written = written.then(() => writeResult(`${JSON.stringify(event)}\n`))
    }
    return { emit, end: () => written }
  }
  if (flags.quiet) return { emit: () => undefined, end: async () => undefined }
  const progress = createProgress({
    stream: process.stderr,
    color: wantsColor(process.stderr),
    interactive: process.stderr.isTTY === true,
    now: () => performance.now(),
  })
  return { emit: progress.handle, end: async () => progress.end() }
}
