/** `verify --audit RUN`: the page to judge completions on, or what the labels from it say. */

import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../core/errors.ts'
import type { Interval } from '../../core/measure/statistics.ts'
import { auditPage } from '../../report/html/audit.ts'
import { findStoredRun } from '../../run/find-run.ts'
import { writeResult } from '../options.ts'
import { AUDIT_LABELS, assessAudit, drawAudit } from './audit.ts'

export interface AuditFlags {
  readonly run: string
  /** The file that the page saved. */
  readonly labels: string | undefined
  readonly sample: string
  readonly seed: string
  /** Where the page goes; default: audit.html in the run folder. */
  readonly out: string | undefined
}

const LABELS = z.object({ labels: z.record(z.string().regex(/^\d+$/), z.enum(AUDIT_LABELS)) })

/** @throws ConfigError where the labels cannot be read, a number is none, or the run has nothing verified */
export async function auditCommand(flags: AuditFlags): Promise<void> {
  const { config, directory } = findStoredRun(flags.run)
  if (flags.labels !== undefined) {
    await writeResult(renderResult(assessAudit(directory, readLabels(flags.labels))))
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
    `${draw.items.length} completions to judge: ${out}\nThen: spendwise verify --audit ${flags.run} --labels audit-labels.json\n`,
  )
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

function readLabels(file: string): ReadonlyMap<number, (typeof AUDIT_LABELS)[number]> {
  let parsed: unknown
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigError(`${file} cannot be read as JSON; give --labels the file that the page saved.`, {
      cause: error,
    })
  }
  const result = LABELS.safeParse(parsed)
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
