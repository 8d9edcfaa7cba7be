/** What the problems commands say to people. */

import { plural } from '../../core/words/plural.ts'
import type { GeneratedFile } from '../../problems/generate-file.ts'
import type { ImportReport } from '../../problems/import-file.ts'
import type { ProblemStats } from '../../problems/stats.ts'
import type { TemplateCheck } from '../../problems/symbolic/check.ts'
import { countLines, distributionLines } from '../export/plot-text.ts'

const MOST_LINES = 20

export function renderImport({ path, rows, out, odd, commit }: ImportReport): string {
  const left = odd.filter(({ kept }) => !kept).length
  const lines = odd.map(({ place, reason, kept }) => `  ${place}  ${reason}${kept ? '' : '; left out'}.`)
  const kept = odd.length - left
  const summary = odd.length === 0 ? 'no odd row' : `${left} left out, ${kept} odd and kept`
  const pinned =
    commit === undefined ? '' : `${path} is at commit ${commit}; --revision ${commit} gives the same rows anywhere.\n`
  return `${rows} ${plural(rows, 'problem')} written to ${out}; ${summary}.\n${pinned}${shortened(lines)}`
}

export function renderGenerate({ rows, out, reports, unsupported }: GeneratedFile): string {
  const draws = reports.reduce((sum, report) => sum + report.draws, 0)
  const rejected = reports.reduce((sum, report) => sum + report.rejected, 0)
  const repeated = reports.reduce((sum, report) => sum + report.repeated, 0)
  const rare = reports.toSorted((a, b) => a.accepted - b.accepted).slice(0, 3)
  const notes = [
    `${rows} ${plural(rows, 'instance')} of ${reports.length} ${plural(reports.length, 'template')} written to ${out}; ${percent(rejected / draws)} of ${draws} draws were rejected.`,
    ...(repeated === 0
      ? []
      : [`${repeated} ${plural(repeated, 'instance repeats', 'instances repeat')} a question, for want of others.`]),
    `Conditions met least often: ${rare.map(({ template, accepted }) => `${template} (${percent(accepted)})`).join(', ')}.`,
    ...unsupported.map(({ reason }) => reason),
  ]
  return `${notes.join('\n')}\n`
}

export function renderCheck({ templates, ok, altered, unsupported, wrong, notes }: TemplateCheck): string {
  const lines = [
    `${templates} ${plural(templates, 'template')}: ${ok} ok, ${wrong.length} wrong, ${unsupported.length} unsupported.`,
    ...(altered === 0
      ? []
      : [`${altered} of the ok ask more than the published question; they were held against their own solution.`]),
    ...wrong.map(({ file, expected, got }) => `  ${file}  gives ${got || 'nothing'}, published is ${expected}.`),
    ...unsupported.map(({ reason }) => `  ${reason}`),
    ...notes.map((note) => `  ${note}`),
  ]
  return `${lines.join('\n')}\n`
}

export function renderStats(stats: ProblemStats): string {
  const { duplicates } = stats
  const lines = [
    `${stats.file}: ${stats.rows} ${plural(stats.rows, 'problem')}${stats.templates > 0 ? ` of ${stats.templates} ${plural(stats.templates, 'template')}` : ''}`,
    '',
    ...countLines('level', stats.levels),
    ...countLines('subject', stats.subjects),
    ...countLines('answer', stats.answers),
    ...distributionLines('words of the question', stats.question),
    ...(stats.solution === undefined ? [] : distributionLines('words of the solution', stats.solution)),
    `duplicates  ids ${duplicates.ids}, questions ${duplicates.questions}, but for their numbers ${duplicates.butForNumbers}`,
  ]
  return `${lines.join('\n')}\n`
}

function shortened(lines: readonly string[]): string {
  const shown = lines.slice(0, MOST_LINES)
  const rest = lines.length - shown.length
  return [...shown, ...(rest > 0 ? [`  … and ${rest} more; --json lists them all.`] : []), ''].join('\n')
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`
}
