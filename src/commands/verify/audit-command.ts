/** `verify --audit RUN`: the page to judge completions on, or what the labels from it say. */

import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../core/errors.ts'
import { LABELS, type Label, type TraceLabel } from '../../core/label.ts'
import type { Interval } from '../../core/measure/intervals.ts'
import { auditPage } from '../../report/html/audit.ts'
import { assessAudit, blindLabels, drawAudit } from '../../run/audit.ts'
import { findStoredRun } from '../../run/find-run.ts'
import { fixtureRows, readLabels, writeLabels } from '../../run/labels.ts'
import { writeResult } from '../options.ts'

export interface AuditFlags {
  readonly run: string
  /** The file that the page saved. */
  readonly labels: string | undefined
  readonly sample: string
  readonly seed: string
  /** Where the page goes; default: audit.html in the run folder. */
  readonly out: string | undefined
  /** Where the labelled traces go as pairs for `verify --pairs`; nothing else is done then. */
  readonly rows: string | undefined
}

const LABEL_FILE = z.object({ labels: z.record(z.string().regex(/^\d+$/), z.enum(LABELS)) })

/** @throws ConfigError where the labels cannot be read, a number is none, or the run has nothing verified */
export async function auditCommand(flags: AuditFlags): Promise<void> {
  const { config, directory } = findStoredRun(flags.run)
  if (flags.rows !== undefined) {
    const rows = fixtureRows(directory)
    writePage(resolve(flags.rows), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const disputed = rows.filter(({ agrees }) => !agrees).length
    await writeResult(`${rows.length} labelled traces: ${flags.rows}; the checker disagrees with ${disputed} of them\n`)
    return
  }
  if (flags.labels !== undefined) {
    const unknown = writeLabels(directory, toLabels(readLabelFile(flags.labels)))
    if (unknown.length > 0)
      process.stderr.write(`${unknown.length} labels are of traces that this run does not have; they are left out.\n`)
    await writeResult(renderResult(assessAudit(directory, blindLabels(readLabels(directory)))))
    return
  }
  const draw = drawAudit(directory, wholeFlag('--sample', flags.sample), wholeFlag('--seed', flags.seed))
  if (draw.items.length === 0) {
    throw new ConfigError(
      `${config.name} has no verified completions to audit; sample first: spendwise run ${flags.run}`,
    )
  }
  const out = resolve(flags.out ?? `${directory}/audit.html`)
  writePage(out, auditPage({ name: config.name, ...draw }))
  await writeResult(
    `${draw.items.length} completions to judge: ${out}\nThen: spendwise verify --audit ${flags.run} --labels audit-labels.json\nOr judge them in the browser, saved as you go: spendwise view ${flags.run}\n`,
  )
  const judged = blindLabels(readLabels(directory))
  if (judged.size > 0) await writeResult(`\nSo far:\n${renderResult(assessAudit(directory, judged))}`)
}

/** The page shows no verdict, so its labels are blind. */
function toLabels(labels: ReadonlyMap<number, Label>): TraceLabel[] {
  return [...labels].map(([trace, label]) => ({ trace, label, note: undefined, blind: true, at: Date.now() }))
}

function writePage(out: string, page: string): void {
  try {
    writeFileSync(out, page)
  } catch (error) {
    throw new ConfigError(`${out} cannot be written; give --out a file in a folder that exists and has room.`, {
      cause: error,
    })
  }
}

function readLabelFile(file: string): ReadonlyMap<number, Label> {
  let parsed: unknown
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(`${file} cannot be read; give --labels the file that the page saved.`, { cause: error })
  }
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new ConfigError(`${file} is not JSON; give --labels the file that the page saved.`, {
      cause: error,
    })
  }
  const result = LABEL_FILE.safeParse(parsed)
  if (!result.success) {
    throw new ConfigError(`${file} holds no labels; give --labels the file that the page saved.`)
  }
  return new Map(Object.entries(result.data.labels).map(([id, label]) => [Number(id), label] as const))
}

function renderResult(result: ReturnType<typeof assessAudit>): string {
  return [
    `labelled ${result.labelled}, unclear ${result.unclear}`,
    `accepted traces ${result.accepted}, judged among them ${result.judgedAccepted}`,
    `wrong answers inside the accepted set: ${shareText(result.wrongAccepted)}`,
    `right answers that were not called correct: ${shareText(result.rightRefused)}`,
    'wrong answers inside the accepted set, by the rule that let them in:',
    ...result.byRule.map(
      ({ rule, accepted, judged, wrong }) =>
        `  ${rule.padEnd(16)} ${judged} of ${accepted} judged, ${shareText(wrong ?? undefined)}`,
    ),
    '',
  ].join('\n')
}

function shareText(interval: Interval | undefined): string {
  if (!interval) return 'unknown, none was judged'
  const percent = (share: number): string => `${(100 * share).toFixed(2)}%`
  return `${percent(interval.mean)} (95% interval ${percent(interval.low)} to ${percent(interval.high)})`
}

function wholeFlag(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 1_000_000) {
    throw new ConfigError(`${name} ${text}: give a whole number from 1 to 1000000.`)
  }
  return value
}
