/** The work behind `npm start`. */

import { existsSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { presetPath } from '../../config/presets.ts'
import { holdsRun } from '../../run/find-run.ts'
import { FOLDER } from '../../run/folder.ts'
import { readStatus } from '../../run/status.ts'
import { acquireLock } from '../../store/lock.ts'
import { DATABASE_FILE, LOCK_FILE } from '../../store/store.ts'
import { writeResult } from '../options.ts'
import type { RunFlags } from './work.ts'
import { runCommand } from './work.ts'

export interface QuickstartFlags extends RunFlags {
  readonly fresh?: boolean
  readonly quick?: boolean
  /** commander's form of --no-verify. */
  readonly verify: boolean
  readonly seed?: string
}

/** What `--quick` makes smaller. */
const QUICK = ['budget.iterations=4', 'problems.evaluate.0.count=900', 'problems.gate.0.count=250']

/** Runs the preset, or says where the report of a finished run is. */
export async function quickstart(flags: QuickstartFlags): Promise<void> {
  const name = `quickstart${flags.quick ? '-quick' : ''}${flags.verify ? '' : '-no-verify'}`
  const directory = flags.dir ?? join('runs', name)
  if (flags.fresh) removeRun(directory)
  const report = join(directory, FOLDER.report)
  if (isFinished(directory) && existsSync(report)) {
    process.stderr.write(`This run is finished. Its report is ${report}; npm start -- --fresh starts over.\n`)
    offerView(directory)
    await writeResult(`${report}\n`)
    return
  }
  const sets = [
    `name=${name}`,
    ...(flags.quick ? QUICK : []),
    ...(flags.verify ? [] : ['accept.verdict=any', 'accept.equations=ignore', 'gate.onFail=continue']),
    ...(flags.seed === undefined ? [] : [`seed=${flags.seed}`]),
    ...(flags.set ?? []),
  ]
  const end = await runCommand({
    run: presetPath('quickstart'),
    command: 'npm start',
    flags: { ...flags, set: sets, dir: directory },
    only: undefined,
  })
  if (end.report === null || flags.json) return
  if (!flags.quiet) offerView(directory)
  await writeResult(`${relative(process.cwd(), end.report)}\n`)
}

/** The next thing to do: look at what it wrote. */
function offerView(directory: string): void {
  const command = process.env.npm_lifecycle_event === undefined ? 'spendwise' : 'npm run -s spendwise --'
  process.stderr.write(`Read every trace and why it was judged so: ${command} view ${directory} --open\n`)
}

function isFinished(directory: string): boolean {
  return holdsRun(directory) && readStatus(directory).state === 'done'
}

/**
 * Removes what a run made, and only where there is one.
 * @throws StoreError while it is running
 */
function removeRun(directory: string): void {
  if (!existsSync(join(directory, DATABASE_FILE))) return
  const lock = acquireLock(join(directory, LOCK_FILE))
  try {
    rmSync(directory, { recursive: true, force: true })
  } finally {
    lock.release()
  }
}
