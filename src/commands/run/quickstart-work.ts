/** The work behind `npm start`. */

import { existsSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { presetPath } from '../../config/presets.ts'
import { wrap } from '../../report/terminal/columns.ts'
import { findRun, holdsRun } from '../../run/find-run.ts'
import { FOLDER } from '../../run/folder.ts'
import { readStatus } from '../../run/status.ts'
import { acquireLock } from '../../store/lock.ts'
import { hasDatabase, lockFile, outsideFolder } from '../../store/place/place.ts'
import { columnsOf, wantsColor, writeResult } from '../options.ts'
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
    process.stderr.write('This run is finished; npm start -- --fresh starts over.\n')
    await (flags.quiet ? writeResult(`${report}\n`) : showOutcome(directory, report))
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
    isReportSaid: true,
  })
  if (end.report === null || flags.json) return
  const path = relative(process.cwd(), end.report)
  await (flags.quiet ? writeResult(`${path}\n`) : showOutcome(directory, path))
}

/** The table of iterations, the gain in one line, what to do next, and last where the report is, which is the result. */
async function showOutcome(directory: string, report: string): Promise<void> {
  const { renderIterations } = await import('../../report/terminal/status.ts')
  const { headline } = await import('../../report/headline.ts')
  const status = readStatus(directory)
  const { config } = findRun(directory)
  const style = { color: wantsColor(process.stderr), width: columnsOf(process.stderr) }
  const { title } = headline({
    status,
    costs: config.budget.costs,
    evaluationTemperature: config.evaluate.temperature,
  })
  const command = process.env.npm_lifecycle_event === undefined ? 'spendwise' : 'npm run -s spendwise --'
  const lines = [
    '',
    renderIterations(status, style),
    '',
    ...wrap(title, style.width),
    '',
    'Next:',
    `  ${command} view ${directory} --open    every trace, and why it was judged so`,
    `  ${command} init my-run    a run.yaml for your own model`,
    '',
    'Report: ',
  ]
  process.stderr.write(lines.join('\n'))
  await writeResult(`${report}\n`)
}

function isFinished(directory: string): boolean {
  return holdsRun(directory) && readStatus(directory).state === 'done'
}

/**
 * Removes what a run made, and only where there is one.
 * @throws StoreError while it is running
 */
function removeRun(directory: string): void {
  if (!hasDatabase(directory)) return
  const lock = acquireLock(lockFile(directory))
  try {
    for (const folder of [outsideFolder(directory), directory])
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  } finally {
    lock.release()
  }
}
